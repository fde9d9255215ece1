/** The list of frames. Only the rows in sight are drawn, so that thousands cost nothing. */
import { useEffect, useRef, useState } from "preact/hooks";

import { clockTime } from "../parts/words.js";
import type { Row } from "./row.js";

/** Pixels, as the style sheet has it. */
const HEIGHT = 32;
const SPARE = 8;

interface Props {
  rows: readonly Row[];
  picked?: Row;
  pick: (row: Row) => void;
}

function Line({ row, picked, pick }: { row: Row; picked: boolean; pick: () => void }) {
  const { up, cmd, name, time, dk, clientId } = row;
  return (
    <button class="frame" aria-current={picked} onClick={pick}>
      <span class={up ? "way up" : "way"} aria-label={up ? "from the device" : "to the device"}>
        {up ? "↑" : "↓"}
      </span>
      <span class="mono cmd">{cmd || "–"}</span>
      <span class="name">{name}</span>
      <span class="mono dk">{dk ?? clientId}</span>
      <time class="mono">{clockTime(time)}</time>
    </button>
  );
}

export function List({ rows, picked, pick }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const follows = useRef(true);
  useEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [rows]);
  const scrolled = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!;
    follows.current = scrollHeight - scrollTop - clientHeight < HEIGHT;
    setTop(scrollTop);
  };
  const sight = Math.ceil((box.current?.clientHeight ?? 640) / HEIGHT);
  const last = Math.max(0, rows.length - sight);
  const first = Math.max(0, Math.min(Math.floor(top / HEIGHT), last) - SPARE);
  const drawn = rows.slice(first, first + sight + 2 * SPARE);
  return (
    <div class="card frames" ref={box} onScroll={scrolled} tabIndex={0} role="region" aria-label="frames">
      <div class="space" style={{ height: `${rows.length * HEIGHT}px` }}>
        <div class="drawn" style={{ transform: `translateY(${first * HEIGHT}px)` }}>
          {drawn.map((row) => (
            <Line key={`${row.number} ${row.time}`} row={row} picked={row === picked} pick={() => pick(row)} />
          ))}
        </div>
      </div>
    </div>
  );
}
