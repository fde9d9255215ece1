/** The binding call's body: what it gets wrong by itself, before any device is looked at. */
import { isBindingCode } from "../../src/codec/code.js";
import { isKey } from "../../src/codec/identity.js";
import type { Binding } from "./device-record.js";
import { checkMatter } from "./matter.js";
import { refusal, type Envelope } from "./status.js";

export type Fields = Record<string, unknown>;

export interface BindingRequest {
  pk: string;
  dk: string;
  code: string;
  binding: Binding;
}

/** Longest deviceName, in characters. Chosen here: no public document gives the cloud's limit. */
export const NAME_LIMIT = 64;

const CAPABILITY_MATTER = 8;

/** Refuses a required text; `extMsg` tells a missing one from one of another type. */
export function demandText(fields: Fields, field: string, code: 5066 | 5067 | 5179): Envelope | undefined {
  const value = fields[field];
  if (typeof value === "string" && value !== "") return undefined;
  const missing = value === undefined || value === null || value === "";
  return refusal(code, `${field} ${missing ? "is missing" : "must be a string"}`);
}

export function checkDeviceKey(dk: unknown): Envelope | undefined {
  const fits = typeof dk === "string" && isKey(dk, 4, 32);
  return fits ? undefined : refusal(5361, "a DeviceKey is 4-32 letters and digits");
}

export function checkCode(code: unknown): Envelope | undefined {
  const fits = typeof code === "string" && isBindingCode(code);
  return fits ? undefined : refusal(5213, "a bindingCode is exactly 16 characters 0-9A-F, in upper case");
}

/** Fields that may be absent, and their types. */
const OPTIONAL: [type: "string" | "boolean", fields: string[]][] = [
  ["string", ["deviceName", "fid", "frid"]],
  ["boolean", ["isCommonDevice", "isMatter"]],
];

function checkTypes(body: Fields): Envelope | undefined {
  for (const [type, fields] of OPTIONAL) {
    const wrong = fields.find((field) => body[field] !== undefined && typeof body[field] !== type);
    if (wrong) return refusal(5048, `${wrong} must be a ${type}`);
  }
  const mask = body.capabilitiesBitmask;
  if (mask !== undefined && !(Number.isInteger(mask) && Number(mask) >= 0 && Number(mask) <= 15)) {
    return refusal(5048, "capabilitiesBitmask must be 0-15: 1 WAN, 2 LAN, 4 BLE, 8 Matter");
  }
  return body.frid && !body.fid ? refusal(5048, "a room (frid) needs its family (fid)") : undefined;
}

function checkOptional(body: Fields): Envelope | undefined {
  const wrong = checkTypes(body);
  if (wrong) return wrong;
  if ([...((body.deviceName as string) ?? "")].length > NAME_LIMIT) {
    return refusal(5333, `a deviceName has at most ${NAME_LIMIT} characters`);
  }
  return body.isMatter ? checkMatter(body.matterInfo) : undefined;
}

function checkRequired(body: Fields): Envelope | undefined {
  return (
    demandText(body, "productKey", 5066) ??
    demandText(body, "deviceKey", 5067) ??
    checkDeviceKey(body.deviceKey) ??
    demandText(body, "bindingCode", 5179) ??
    checkCode(body.bindingCode)
  );
}

/** @returns the request, or the first refusal in the order of docs/status-codes.md */
export function readRequest(body: Fields): BindingRequest | Envelope {
  const wrong = checkRequired(body) ?? checkOptional(body);
  if (wrong) return wrong;
  return {
    pk: body.productKey as string,
    dk: body.deviceKey as string,
    code: body.bindingCode as string,
    binding: {
      name: (body.deviceName as string) ?? "",
      fid: body.fid as string | undefined,
      frid: body.frid as string | undefined,
      common: body.isCommonDevice !== false,
      capabilitiesBitmask: body.capabilitiesBitmask as number | undefined,
      matter: body.isMatter ? (body.matterInfo as object) : undefined,
    },
  };
}

/** What a request says that fits together badly, though nothing forbids it. */
export function remarks({ capabilitiesBitmask: said, matter }: Binding, known?: number): string[] {
  const notes: string[] = [];
  if (said === undefined) return notes;
  if (known !== undefined && known !== said) {
    notes.push(`capabilitiesBitmask is ${said}, but the product's devices have ${known}`);
  }
  if (matter && !(said & CAPABILITY_MATTER)) notes.push("isMatter is set, but not bit 8 of capabilitiesBitmask");
  return notes;
}
