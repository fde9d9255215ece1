/** `encodeURIComponent` and its opposite, byte by byte (jswrap_functions.c). */

import type { Converter } from "./convert.js";
import { hideAll, type Kit } from "./kit.js";

export function installUri(global: object, kit: Kit, convert: Converter): void {
  hideAll(global, {
    encodeURIComponent: (value: unknown) =>
      convert.text(value).replace(/[^\w\-.!~*'()]/g, (char) => {
        return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
      }),
    decodeURIComponent(value: unknown) {
      const text = convert.text(value);
      if (/[\x80-\xff]/.test(text)) throw kit.error("ASCII only");
      // Of other characters behind % Espruino makes any byte.
      if (/%(?![\da-fA-F]{2})/.test(text)) throw kit.error("Invalid URI");
      return text.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
    },
  });
}
