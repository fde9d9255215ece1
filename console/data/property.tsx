/** One property: its name, its newest value, what sets it, and a plot where it is a number. */
import { useEffect, useState } from "preact/hooks";

import { ago, plain } from "../parts/words.js";
import { now } from "../state/clock.js";
import type { Point, Property, Told } from "../state/types.js";
import { Control } from "./control.js";
import { Plot } from "./plot.js";

interface Props {
  property: Property;
  told?: Told;
  points: readonly Point[];
  /** Absent where nobody may write. @returns whether the device has taken it */
  write?: (value: unknown) => Promise<boolean>;
}

/** A value as a person reads it. */
export function wordsOf({ kind, unit = "", values }: Property, value: unknown): string {
  if (value === undefined) return "–";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (kind === "ENUM") return values?.find((one) => one.value === value)?.name ?? String(value);
  if (kind === "DATE" && typeof value === "number") return new Date(value).toLocaleString();
  if (typeof value === "string") return plain(value) || "(empty)";
  return `${plain(JSON.stringify(value))}${unit && ` ${unit}`}`;
}

export function PropertyCard({ property, told, points, write }: Props) {
  const { id, code, name, access, kind } = property;
  /** What is being set, or was sent and is not reported yet. */
  const [wanted, setWanted] = useState<{ value: unknown; sent: boolean }>();
  // What a device that has gone has not reported, it never may.
  useEffect(() => setWanted(undefined), [told?.time, !write]);
  const send = async (value: unknown): Promise<void> => {
    setWanted({ value, sent: true });
    if (!(await write!(value))) setWanted(undefined);
  };
  const shown = wanted ? wanted.value : told?.value;
  return (
    <section class="card property" aria-label={name} aria-busy={wanted?.sent === true}>
      <div class="title">
        <h2>{name}</h2>
        <small class="mono quiet">
          {code} {id > 0 && code !== String(id) && `(${id})`}
        </small>
      </div>
      <p class={kind === "STRUCT" || kind === "ARRAY" || kind === "RAW" ? "value mono" : "value"}>
        {access === "W" ? "written only" : wordsOf(property, shown)}
      </p>
      <p class="quiet when">{wanted?.sent ? "sent, not reported yet" : ago(told?.time, now.value)}</p>
      {access !== "R" && (
        <Control
          property={property}
          value={shown}
          disabled={!write}
          write={(value) => void send(value)}
          hold={(value) => setWanted({ value, sent: false })}
        />
      )}
      {points.length > 0 && kind !== "ENUM" && kind !== "DATE" && <Plot property={property} points={points} />}
    </section>
  );
}
