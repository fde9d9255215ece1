/**
 * The binding call's body: what it gets wrong by itself, before any device is looked at. The schema of the OpenAPI
 * document is the one rule; here its complaints become status codes, in their fixed order.
 */
import { isBindingCode } from "../../src/codec/code.js";
import { isKey } from "../../src/codec/identity.js";
import type { Binding } from "./device-record.js";
import { INT64_LIMIT } from "./schemas.js";
import { refusal, type Envelope, type StatusCode } from "./status.js";

export type Fields = Record<string, unknown>;

/** A complaint of the schema, as fastify gives it. */
export interface Complaint {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
  message?: string;
}

export interface BindingRequest {
  pk: string;
  dk: string;
  code: string;
  binding: Binding;
}

const CAPABILITY_MATTER = 8;

type Refused = Exclude<StatusCode, 200>;

/** The codes for a field that is missing, and for one of the wrong form. */
const REQUIRED: Record<string, [missing: Refused, malformed: Refused]> = {
  productKey: [5066, 5066],
  deviceKey: [5067, 5361],
  bindingCode: [5179, 5213],
};

/** Of a Matter device. */
const MATTER: Record<string, Refused> = {
  discriminator: 5879,
  matterProductId: 5880,
  matterVersion: 5881,
  matterVendorId: 5882,
  fabricId: 5883,
  nodeId: 5885,
};

const ORDER: Refused[] = [5066, 5067, 5361, 5179, 5213, 5048, 5333, 5879, 5880, 5881, 5882, 5883, 5885];

const SENTENCES: Record<string, string> = {
  deviceKey: "a DeviceKey is 4-32 letters and digits",
  bindingCode: "a bindingCode is exactly 16 characters 0-9A-F, in upper case",
};

/** Refuses a required text; `extMsg` tells a missing one from one of another type. */
export function demandText(fields: Fields, field: string, code: 5066 | 5067 | 5179): Envelope | undefined {
  const value = fields[field];
  if (typeof value === "string" && value !== "") return undefined;
  const missing = value === undefined || value === null || value === "";
  return refusal(code, `${field} ${missing ? "is missing" : "must be a string"}`);
}

export function checkDeviceKey(dk: unknown): Envelope | undefined {
  const fits = typeof dk === "string" && isKey(dk, 4, 32);
  return fits ? undefined : refusal(5361, SENTENCES.deviceKey);
}

export function checkCode(code: unknown): Envelope | undefined {
  const fits = typeof code === "string" && isBindingCode(code);
  return fits ? undefined : refusal(5213, SENTENCES.bindingCode);
}

/** Texts and numbers of JSON. */
const SCALARS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

/** Whether a number that double precision makes 2^63 is less, as it is written. */
function isInt64(text: string): boolean {
  const [, whole, fraction = "", exponent = "0"] = /^(\d+)(?:\.(\d+))?(?:e(.+))?$/i.exec(text)!;
  const shift = Number(exponent) - fraction.length;
  const scale = 10n ** BigInt(Math.abs(shift));
  const digits = BigInt(whole + fraction);
  const limit = BigInt(INT64_LIMIT) - 1n;
  return shift < 0 ? digits <= limit * scale : digits * scale <= limit;
}

/** Reads JSON; numbers of 2^63 and more, in whatever form, stay beyond 64 bits. @throws SyntaxError */
export function parseJson(text: string): unknown {
  // In a text that is no JSON each quote may begin one without an end, which is searched to the end.
  JSON.parse(text);
  return JSON.parse(
    text.replace(SCALARS, (scalar) => {
      const rounded = scalar[0] !== '"' && Number(scalar) === INT64_LIMIT;
      return rounded && !isInt64(scalar) ? String(2 * INT64_LIMIT) : scalar;
    }),
  );
}

/** A body in which null is absent, as serialisers of apps mean it; only plain lists and objects go on. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => (entry === null ? entry : withoutNulls(entry)));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(entries.map(([name, field]) => [name, withoutNulls(field)]));
}

const isMissing = (keyword: string): boolean => keyword === "required" || keyword === "minLength";

/** Where a complaint is about, such as `matterInfo.catList.0.cat`. */
function placeOf({ instancePath, params }: Complaint): string {
  const path = instancePath.split("/").slice(1);
  return [...path, ...(params.missingProperty ? [String(params.missingProperty)] : [])].join(".");
}

/** @returns the code for a complaint, or nothing where a device without Matter may leave it so */
function codeOf(complaint: Complaint, matter: boolean): Refused | undefined {
  const { keyword } = complaint;
  const [field, inner, deeper] = placeOf(complaint).split(".");
  const required = REQUIRED[field];
  if (required) return required[isMissing(keyword) || keyword === "type" ? 0 : 1];
  if (field === "deviceName" && keyword === "maxLength") return 5333;
  const named = field === "matterInfo" && !deeper ? MATTER[inner] : undefined;
  if (!named || keyword === "type" || keyword === "maxLength") return 5048;
  if (matter) return named;
  return isMissing(keyword) || keyword === "minimum" ? undefined : 5048;
}

function sentence(complaint: Complaint): string {
  const place = placeOf(complaint);
  const { keyword, message, params } = complaint;
  if (isMissing(keyword)) return `${place} is missing`;
  if (keyword === "pattern" && SENTENCES[place]) return SENTENCES[place];
  if (keyword === "enum") return `${place} must be one of ${JSON.stringify(params.allowedValues)}`;
  return `${place} ${message ?? "is malformed"}`;
}

/** @returns the first refusal in the order of docs/status-codes.md */
export function firstRefusal(complaints: Complaint[], body: Fields): Envelope | undefined {
  const matter = body.isMatter === true;
  const found = complaints
    .map((complaint) => ({ complaint, code: codeOf(complaint, matter) }))
    .filter((one): one is { complaint: Complaint; code: Refused } => one.code !== undefined)
    .concat(body.frid && !body.fid ? [{ complaint: ORPHAN, code: 5048 }] : [])
    .sort((a, b) => ORDER.indexOf(a.code) - ORDER.indexOf(b.code));
  return found.length ? refusal(found[0].code, sentence(found[0].complaint)) : undefined;
}

const ORPHAN: Complaint = { instancePath: "/frid", keyword: "", params: {}, message: "needs its family (fid)" };

/** The request of a body that the schema has let pass. */
export function readRequest(body: Fields): BindingRequest {
  const text = (field: string): string | undefined => body[field] as string | undefined;
  return {
    pk: body.productKey as string,
    dk: body.deviceKey as string,
    code: body.bindingCode as string,
    binding: {
      name: text("deviceName") ?? "",
      fid: text("fid"),
      frid: text("frid"),
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
