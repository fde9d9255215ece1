/** The label of a device: its QR code and its names, to be printed. */
import { create } from "qrcode/lib/core/qrcode.js";

import { encodeLabel, type Label } from "../../tools/factory/label.js";

/** Modules of white around a code. */
const QUIET = 4;

/** Each dark module as a square of one unit. */
function path({ size, data }: { size: number; data: Uint8Array }): string {
  const dark = [...data.keys()].filter((at) => data[at]);
  return dark.map((at) => `M${(at % size) + QUIET} ${Math.floor(at / size) + QUIET}h1v1h-1z`).join("");
}

export function LabelCard({ label }: { label: Label }) {
  const { modules } = create(encodeLabel(label), { errorCorrectionLevel: "M" });
  const side = modules.size + 2 * QUIET;
  const secret = label.pop !== "";
  return (
    <section class="card label" aria-label="label">
      <h2>Its label</h2>
      <div class="print">
        <svg viewBox={`0 0 ${side} ${side}`} role="img" aria-label={`QR code of ${label.dk}`}>
          <rect width={side} height={side} fill="#fff" />
          <path d={path(modules)} fill="#000" />
        </svg>
        <dl>
          <dt>DeviceKey</dt>
          <dd class="mono">{label.dk}</dd>
          <dt>Product</dt>
          <dd class="mono">{label.pk}</dd>
          <dt>Its access point</dt>
          <dd class="mono">{label.ssid}</dd>
        </dl>
      </div>
      {secret && <p class="quiet">The code holds the proof of possession: who reads it can take the device.</p>}
      <button onClick={() => print()}>Print it</button>
    </section>
  );
}
