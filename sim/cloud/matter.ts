/** The binding call's matterInfo: which of its fields are missing or out of range. */
import { refusal, type Envelope } from "./status.js";

type Fields = Record<string, unknown>;

const PRIVILEGES = ["View", "Operate", "Administer"];

const integer =
  (least: number, most: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

/** In the order in which they are checked; the limits are Matter's own widths. */
const REQUIRED = [
  { code: 5879, field: "discriminator", fits: integer(0, 0xfff), must: "an integer 0-4095" },
  { code: 5880, field: "matterProductId", fits: integer(0, 0xffff), must: "an integer 0-65535" },
  {
    code: 5881,
    field: "matterVersion",
    fits: (value: unknown) => typeof value === "string" && value,
    must: "a string",
  },
  { code: 5882, field: "matterVendorId", fits: integer(1, 0xffff), must: "an integer 1-65535" },
  { code: 5883, field: "fabricId", fits: integer(1, 2 ** 64), must: "an integer above 0" },
  { code: 5885, field: "nodeId", fits: integer(1, 2 ** 64), must: "an integer above 0" },
] as const;

function checkCategories(list: unknown): Envelope | undefined {
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) return refusal(5048, "matterInfo.catList must be a list");
  for (const { cat, privilege } of list.map((entry) => (entry ?? {}) as Fields)) {
    if (cat !== undefined && !Number.isInteger(cat)) return refusal(5048, "a cat of catList must be an integer");
    if (privilege !== undefined && !PRIVILEGES.includes(privilege as string)) {
      return refusal(5048, `a privilege of catList must be one of ${PRIVILEGES.join(", ")}`);
    }
  }
  return undefined;
}

/** @returns the refusal, or undefined for a matterInfo that is complete */
export function checkMatter(info: unknown): Envelope | undefined {
  const fields = (typeof info === "object" && info !== null ? info : {}) as Fields;
  for (const { code, field, fits, must } of REQUIRED) {
    const value = fields[field];
    if (fits(value)) continue;
    const missing = value === undefined || value === null || value === "";
    return refusal(code, `matterInfo.${field} ${missing ? "is missing: isMatter asks for it" : `must be ${must}`}`);
  }
  if (fields.extra !== undefined && typeof fields.extra !== "string") {
    return refusal(5048, "matterInfo.extra must be a string");
  }
  return checkCategories(fields.catList);
}
