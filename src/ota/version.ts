/** Versions of an application: one to four numbers of up to six digits, joined by dots. */

/** The digits and dots at the start of a text; what follows is the application's suffix. */
export const VERSION = /^[0-9.]*/;

/** A text that is greater for a newer version and equal for an equal one (`1.2` and `1.2.0`); "" for what is none. */
export function rank(version: string): string {
  const parts = version.split(".");
  return parts[4] || parts.some((part) => !/^\d+$/.test(part) || part[6])
    ? ""
    : parts
        .concat("0", "0", "0")
        .slice(0, 4)
        .map((part) => ("00000" + part).substr(-6))
        .join();
}
