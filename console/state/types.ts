/** What the cloud's feed sends: the page's view of sim/cloud/console. */
import type { ShownFrame } from "../../sim/decode/shown.js";

export interface Binding {
  user: string;
  name: string;
  fid?: string;
  frid?: string;
  capabilitiesBitmask?: number;
  matter: boolean;
}

export interface Device {
  pk: string;
  dk: string;
  product: string;
  online: boolean;
  ds: "none" | "issued" | "changing";
  authKey: "none" | "sent" | "confirmed";
  /** `left` milliseconds from the moment that this has arrived. */
  window?: { seconds: number; left: number; end: number };
  bindings: Binding[];
  capabilities?: number;
  model?: string;
  firmware?: string;
  sdk?: string;
  rssi?: number;
  battery?: number;
  /** Milliseconds since the epoch. */
  seen?: number;
  address?: string;
  button: boolean;
}

export interface Product {
  pk: string;
  name: string;
  bindingMode: number;
  window: number;
}

export interface World {
  products: Product[];
  users: string[];
  /** URL of the cloud's MQTT broker. */
  mqtt: string;
  /** What a tap stands between. */
  between?: string;
}

/** A frame as the cloud has passed it, or as a tap has seen it (with its packet), secrets masked. Of a file: below 0. */
export interface Frame extends Omit<ShownFrame, "clientId"> {
  pk?: string;
  dk?: string;
  clientId?: string;
}

/** A property as the cloud describes it: of the thing model, or of what the device has told. */
export interface Property {
  id: number;
  code: string;
  name: string;
  kind: "BOOL" | "INT" | "FLOAT" | "DOUBLE" | "ENUM" | "TEXT" | "DATE" | "STRUCT" | "ARRAY" | "RAW";
  access: "R" | "W" | "RW";
  min?: number;
  max?: number;
  step?: number;
  unit?: string;
  size?: number;
  values?: { value: number; name: string }[];
}

export interface Told {
  id: number;
  value: unknown;
  /** Milliseconds since the epoch. */
  time: number;
}

export type Point = readonly [time: number, value: number];

/** What the cloud knows of a device's properties. */
export interface DeviceData {
  pk: string;
  dk: string;
  properties: Property[];
  values: Told[];
  /** Of numbers, by id, oldest first. */
  history: Record<number, readonly Point[]>;
}

/** What every call answers. */
export interface Envelope {
  code: number;
  msg: string;
  extMsg: string;
  data: unknown;
}

/** Whose a frame is: the key of its device, or the name of its connection. */
export const ownerOf = (frame: Frame): string => (frame.pk ? keyOf(frame) : (frame.clientId ?? ""));

export const keyOf = ({ pk, dk }: { pk?: string; dk?: string }): string => `${pk}/${dk}`;
