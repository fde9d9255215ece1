/** Reads the QR code in a picture. A file of its own, which a browser loads when a label is scanned. */
import decodeQR from "qr/decode.js";

/** The text of the code, or undefined where none is to be seen. */
export function textIn(picture: ImageData): string | undefined {
  try {
    return decodeQR(picture, { format: "RGBA" });
  } catch {
    return undefined;
  }
}
