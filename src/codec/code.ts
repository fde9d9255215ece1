/** The bindingCode: 16 characters 0-9A-F, 64 random bits. */

import { HEX_DIGITS } from "./bytes.js";

/** Whether a text is made of the digits 0-9A-F. */
export function isHex(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (HEX_DIGITS.indexOf(text.charAt(i)) < 0) return false;
  return true;
}

/** The cloud's rule for a bindingCode (its code 5213): exactly 16 characters 0-9A-F. */
export function isBindingCode(text: string): boolean {
  return text.length == 16 && isHex(text);
}
