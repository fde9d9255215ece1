/** One frame: where it went, its content as a tree, and its bytes. */
import { useState } from "preact/hooks";

import { clockTime } from "../parts/words.js";
import { unmask } from "../state/calls.js";
import { Hex } from "./hex.js";
import { decoded, readRow, type Row } from "./row.js";
import { Tree } from "./tree.js";

const onLoopback = (): boolean => /^(localhost|127\..*|\[::1\])$/.test(location.hostname);

function wayOf({ up, segment, sealed }: Row): string {
  return `${up ? "From the device" : "To the device"}, class ${segment}${sealed ? ", sealed on the wire" : ""}`;
}

export function FrameDetail({ row }: { row: Row }) {
  const [clear, setClear] = useState<Row>();
  const [problem, setProblem] = useState("");
  const shown = clear ?? row;
  const reveal = async (): Promise<void> => {
    const { code, data, extMsg } = await unmask(row.number);
    if (code === 200) setClear(readRow({ ...row, hex: (data as { hex: string }).hex }));
    else setProblem(extMsg);
  };
  const { cmd, name, time, masked } = shown;
  const frame = decoded(shown);
  return (
    <article class="card" aria-label="chosen frame">
      <h2>
        <span class="mono">{cmd || "–"}</span> {name}
      </h2>
      <p class="quiet">
        {wayOf(row)}, {clockTime(time)}
        {frame && `, package ${frame.id}`}
      </p>
      <Tree frame={frame} />
      <Hex hex={shown.hex} />
      {masked && !clear && onLoopback() && <button onClick={() => void reveal()}>Show its secrets</button>}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </article>
  );
}
