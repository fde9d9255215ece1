/** What a person gives for a label: its text, or the JSON in it alone. */
import { isKey } from "../../src/codec/identity.js";

/** What a label holds: `WB:` and JSON. */
export function fieldsOf(label: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(label.trim().replace(/^WB:/, ""));
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The keys that a label names. */
export function labelKeys(label: string): [pk: string, dk: string] | undefined {
  const { pk, dk } = fieldsOf(label) ?? {};
  if (typeof pk !== "string" || typeof dk !== "string") return undefined;
  return isKey(pk, 1, 32) && isKey(dk, 4, 32) ? [pk, dk] : undefined;
}

/** Whether something was given for a label that is none. */
export const isUnreadable = (label: string): boolean => label.trim() !== "" && !labelKeys(label);
