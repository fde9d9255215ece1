/** From a bare board to a bound device: firmware and identity by cable, network and binding by Bluetooth. */
import { signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";

import { encodeLabel, type Label } from "../../tools/factory/label.js";
import { BluetoothForm } from "../setup/bluetooth-form.js";
import { CableForm } from "../setup/cable-form.js";
import { LabelCard } from "../setup/label.js";
import { Progress } from "../setup/progress.js";
import { Steps } from "../setup/steps.js";

const steps = new Steps();
/** Of the device that was made last. */
const label = signal<Label | undefined>(undefined);

export function SetupView() {
  const [busy, setBusy] = useState(false);
  const list = useRef<HTMLElement>(null);
  const work = (on: boolean): void => {
    setBusy(on);
    // On a narrow screen they are below the forms.
    if (on) list.current?.scrollIntoView({ block: "nearest" });
  };
  const common = { steps, busy, setBusy: work };
  const made = label.value;
  const take = (one: Label | undefined): void => {
    label.value = one ?? label.value;
  };
  return (
    <>
      <div class="head">
        <h1>Set up a device</h1>
        <p class="quiet">From a cable to a bound device. One that has its firmware begins with Bluetooth.</p>
      </div>
      <div class="columns three">
        <CableForm {...common} made={take} />
        <BluetoothForm {...common} label={made ? encodeLabel(made) : ""} />
        <div class="side">
          <section class="card" aria-label="steps" ref={list}>
            <h2>Steps</h2>
            {steps.list.value.length ? (
              <Progress steps={steps} />
            ) : (
              <p class="quiet">
                A new device can be found for 5 minutes after its start; later hold its button for 5 s. Then choose it
                in the browser's list.
              </p>
            )}
          </section>
          {made && <LabelCard label={made} />}
        </div>
      </div>
    </>
  );
}
