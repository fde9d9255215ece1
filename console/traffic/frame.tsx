/** One frame: where it went, its content as a tree, and its bytes. */
import { useState } from "preact/hooks";

import { clockTime, plain } from "../parts/words.js";
import { unmask } from "../state/calls.js";
import { Hex } from "./hex.js";
import { decoded, readRow, type Row } from "./row.js";
import { Tree } from "./tree.js";

const onLoopback = (): boolean => /^(localhost|127\..*|\[::1\])$/.test(location.hostname);

function wayOf({ up, segment, sealed }: Row): string {
  return `${up ? "From the device" : "To the device"}${segment && `, class ${segment}`}${sealed ? ", sealed on the wire" : ""}`;
}

function Facts({ name, facts }: NonNullable<Row["packet"]>) {
  return (
    <>
      <p>{plain(name)}</p>
      <ul class="mono">
        {facts.map((fact, at) => (
          <li key={at}>{plain(fact)}</li>
        ))}
      </ul>
    </>
  );
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
  const { cmd, name, time, masked, packet } = shown;
  // The cloud has the frames that it has passed.
  const known = row.number > 0;
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
      {packet && <Facts {...packet} />}
      {(frame || !packet) && <Tree frame={frame} />}
      {shown.hex && <Hex hex={shown.hex} />}
      {masked && !clear && known && onLoopback() && <button onClick={() => void reveal()}>Show its secrets</button>}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </article>
  );
}
