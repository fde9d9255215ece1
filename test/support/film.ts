/** A film of one QR code, as the browser's fake camera shows it: YUV4MPEG2 without colours. */

import { create } from "qrcode";

const [WIDTH, HEIGHT] = [640, 480];
const [DARK, LIGHT, GREY] = [24, 220, 128];
/** Pixels of a side of a module, and modules of white around the code. */
const MODULE = 8;
const QUIET = 4;

/** @param text of the code; "" shows none */
export function filmOf(text: string): Buffer {
  const luma = Buffer.alloc(WIDTH * HEIGHT, LIGHT);
  if (text) draw(luma, text);
  const colours = Buffer.alloc((WIDTH * HEIGHT) / 2, GREY);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  const frame = Buffer.concat([Buffer.from("FRAME\n"), luma, colours]);
  return Buffer.concat([head, frame, frame]);
}

function draw(luma: Buffer, text: string): void {
  const { size, data } = create(text, { errorCorrectionLevel: "M" }).modules;
  const side = (size + 2 * QUIET) * MODULE;
  const [left, top] = [(WIDTH - side) >> 1, (HEIGHT - side) >> 1];
  if (top < 0) throw new Error(`a code of ${size} modules does not fit into the film`);
  for (let y = 0; y < size * MODULE; y++) {
    for (let x = 0; x < size * MODULE; x++) {
      const at = Math.floor(y / MODULE) * size + Math.floor(x / MODULE);
      if (data[at]) luma[(top + QUIET * MODULE + y) * WIDTH + left + QUIET * MODULE + x] = DARK;
    }
  }
}
