/** The properties of the device that the Data view shows: read once, then kept by what the feed tells. */
import { signal } from "@preact/signals";

import { plain } from "../parts/words.js";
import { readData } from "./calls.js";
import { keyOf, type DeviceData, type Envelope, type Property, type Told } from "./types.js";

/** Points of one property that the page keeps. */
const MOST = 1000;

export const data = signal<DeviceData | undefined>(undefined);

/** The newest values after a report; what has not been told anew keeps its place. */
function merged(before: DeviceData, told: Told[]): DeviceData {
  const history = { ...before.history };
  for (const { id, value, time } of told) {
    const points = history[id] ?? [];
    const last = points.at(-1);
    if (typeof value !== "number" || (last && last[0] >= time)) continue;
    history[id] = [...points, [time, value] as const].slice(-MOST);
  }
  return { ...before, values: told, history };
}

/** Whether a value belongs to a property that the page does not know yet. */
const isNew = ({ properties }: DeviceData, told: Told[]): boolean =>
  told.some(({ id }) => !properties.some((property) => property.id === id));

/** The words of a thing model as they are shown. */
function readable(property: Property): Property {
  const { name, unit, values } = property;
  return {
    ...property,
    name: plain(name),
    ...(unit && { unit: plain(unit) }),
    ...(values && { values: values.map((one) => ({ ...one, name: plain(one.name) })) }),
  };
}

/** pk/dk that was asked for last: an answer about another device comes too late. */
let asked = "";

/** @param fresh whether the cloud asks the device first */
export async function load(pk: string, dk: string, fresh = false): Promise<Envelope> {
  asked = keyOf({ pk, dk });
  const answer = await readData({ pk, dk }, fresh);
  if (answer.code !== 200 || asked !== keyOf({ pk, dk })) return answer;
  const told = answer.data as Omit<DeviceData, "pk" | "dk">;
  data.value = { pk, dk, ...told, properties: told.properties.map(readable) };
  return answer;
}

/** Takes what the feed tells of a device. */
export function takeValues(message: { pk: string; dk: string; values: Told[] }): void {
  const before = data.peek();
  if (!before || keyOf(before) !== keyOf(message)) return;
  if (isNew(before, message.values)) void load(message.pk, message.dk);
  else data.value = merged(before, message.values);
}
