/** A device's properties as the console shows them: what its thing model says, the newest values, the numbers' history. */
import type { Property } from "../../model/tsl.js";
import { kindOf, toJson } from "../../model/values.js";
import { RAW_CODE } from "../device-data.js";
import type { DeviceRecord } from "../device-record.js";
import { modelOf } from "../products.js";

export interface ShownProperty extends Pick<
  Property,
  "id" | "code" | "name" | "kind" | "access" | "min" | "max" | "step" | "unit" | "size"
> {
  /** Of an ENUM. */
  values?: { value: number; name: string }[];
}

export interface ShownValue {
  id: number;
  /** JSON. */
  value: unknown;
  /** Milliseconds since the epoch. */
  time: number;
}

export interface ShownData {
  properties: ShownProperty[];
  values: ShownValue[];
  /** Time and value of the numbers, by id, oldest first. */
  history: Record<number, [time: number, value: number][]>;
}

function shown({ id, code, name, kind, access, min, max, step, unit, size, values }: Property): ShownProperty {
  const named = values && [...values].map(([value, title]) => ({ value, name: title }));
  return { id, code, name, kind, access, min, max, step, unit, size, values: named };
}

const propertiesOf = ({ product }: DeviceRecord): Property[] => modelOf(product)?.properties ?? [];

/** The newest values, by id. */
export function shownValues(device: DeviceRecord): ShownValue[] {
  const model = new Map(propertiesOf(device).map((one) => [one.id, one]));
  return device.data.values.map(({ id, value, raw, time }) => ({ id, value: toJson(value, model.get(id), raw), time }));
}

/** What the device has told besides its thing model. Bytes of 0024 are no property: they are only read. */
function unnamed(device: DeviceRecord, known: Set<number>): ShownProperty[] {
  const told = device.data.values.filter(({ id }) => !known.has(id));
  return told.map(({ id, value, raw }) => {
    const code = id ? String(id) : RAW_CODE;
    return { id, code, name: code, kind: kindOf(value, raw), access: id && !known.size ? "RW" : "R" };
  });
}

export function shownData(device: DeviceRecord): ShownData {
  const model = propertiesOf(device);
  const properties = [...model.map(shown), ...unnamed(device, new Set(model.map(({ id }) => id)))];
  const history: ShownData["history"] = {};
  for (const { id } of properties) {
    const numbers = device.data.history(id, 0, Infinity).filter(({ value }) => typeof value === "number");
    if (numbers.length) history[id] = numbers.map(({ time, value }) => [time, value as number]);
  }
  return { properties, values: shownValues(device), history };
}
