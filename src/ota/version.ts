/** Versions of an application: one to four numbers of up to six digits, joined by dots. */

const PARTS = 4;
const ZEROS = "000000";

/** A text that is greater for a newer version and equal for an equal one (`1.2` and `1.2.0`); "" for what is none. */
export function rank(version: string): string {
  const parts = version.split(".");
  let out = "";
  for (let i = 0; i < PARTS || i < parts.length; i++) {
    const part = i < parts.length ? parts[i] : "0";
    if (i >= PARTS || part.length > ZEROS.length || !/^[0-9]+$/.test(part)) return "";
    out += ZEROS.substr(part.length) + part;
  }
  return out;
}

/** How much of a text at its start are digits and dots; what follows is the application's suffix. */
export function versionEnd(text: string): number {
  let end = 0;
  while (/^[0-9.]/.test(text.substr(end))) end++;
  return end;
}
