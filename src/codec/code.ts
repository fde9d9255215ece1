/** The bindingCode: 16 characters 0-9A-F, 64 random bits. */

/** Whether a text is made of the digits 0-9A-F. */
export function isHex(text: string): boolean {
  return /^[0-9A-F]*$/.test(text);
}

/** The cloud's rule for a bindingCode (its code 5213): exactly 16 characters 0-9A-F. */
export function isBindingCode(text: string): boolean {
  return text.length == 16 && isHex(text);
}
