/** A network of the simulated radio as it is written on the command line: SSID, SSID:PASSWORD, and what is special. */
import { isWifiPassword } from "../../sim/app/index.js";
import type { AccessPoint } from "../../sim/emulator/engine.js";

/** Words behind a last colon. None of them can be a password: they are too short. */
const SPECIAL = new Map<string, Partial<AccessPoint>>([
  ["hidden", { hidden: true }],
  // What a scan of ESP32 says of it.
  ["wpa3", { authMode: "unknown" }],
]);

/** For `--help`. */
export const NETWORK_HELP =
  "network that its radio hears, repeatable; without a colon: open; the last colon begins the password, \\: is one in " +
  "it; :hidden or :wpa3 behind it all";

/** The parts between colons; a backslash before a colon or a backslash takes that as it is. */
function parts(text: string): string[] {
  const found = [""];
  for (const [whole, escaped] of text.matchAll(/\\([:\\])|[^]/gu)) {
    if (whole === ":") found.push("");
    else found[found.length - 1] += escaped ?? whole;
  }
  return found;
}

/** @throws Error that says what would be right, without the value, which holds a secret */
export function parseNetwork(text: string): AccessPoint {
  const pieces = parts(text);
  let special: Partial<AccessPoint> = {};
  for (let word; pieces.length > 1 && (word = SPECIAL.get(pieces.at(-1)!)); pieces.pop())
    special = { ...special, ...word };
  const password = pieces.length > 1 ? pieces.pop()! : "";
  const ssid = pieces.join(":");
  const size = Buffer.byteLength(ssid);
  if (size < 1 || size > 32) throw new Error("An SSID has 1-32 bytes.");
  if (!isWifiPassword(password)) {
    throw new Error(
      "A Wi-Fi password has 8-63 bytes, or is a key of 64 hexadecimal digits; none for an open network; a colon in it is written \\:.",
    );
  }
  return { ssid, ...(password ? { password } : {}), ...special };
}
