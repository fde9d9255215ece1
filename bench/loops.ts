/** Hot paths: the sum of 100 bytes in a loop, through E.sum, and as src takes it, timed by the interpreter itself. */

import { bundle } from "../compiler/bundle.js";
import { inRam, withDevice } from "./bench-device.js";
import { needInterpreter, round, type Part } from "./figure.js";
import { minified } from "./minify.js";

/** Both ways of src/codec/bytes.ts: before and after it is told of the native sum. */
const PROGRAM = `
import { sum8, useNativeSum } from "./src/codec/bytes.js";
import { encodeFrame } from "./src/codec/frame.js";
const bytes = E.toString(new Uint8Array(100).fill(7));
global.$time = (name, times) => {
  const work = { loop: () => sum8(bytes), frame: () => encodeFrame(1, 0x34, bytes), native: () => E.sum(bytes) & 255 }[name];
  const start = getTime();
  for (let i = 0; i < times; i++) work();
  return ((getTime() - start) * 1e6) / times;
};
global.$native = () => useNativeSum((data) => E.sum(data));
`;

export const loops: Part = async function* ({ repeat }) {
  needInterpreter();
  const code = await minified(await bundle(PROGRAM));
  const [loop, frame, native, after, frameAfter] = await withDevice(inRam(code), async ({ device }) => {
    const time = async (name: string): Promise<number> => {
      const runs: number[] = [];
      for (let run = 0; run < 5; run++) runs.push((await device.eval(`$time("${name}",${repeat})`)) as number);
      return Math.min(...runs);
    };
    const before = [await time("loop"), await time("frame"), await time("native")];
    await device.eval("$native()");
    return [...before, await time("loop"), await time("frame")];
  });
  const note = "fastest of 5 on this machine";
  yield { name: "sum of 100 bytes, loop", value: round(loop), unit: "us", note };
  yield { name: "sum of 100 bytes, E.sum", value: round(native), unit: "us", ratio: round(loop / native) };
  yield { name: "sum of 100 bytes, as src does", value: round(after), unit: "us", ratio: round(loop / after) };
  yield { name: "frame of 100 bytes, loop", value: round(frame), unit: "us" };
  yield {
    name: "frame of 100 bytes, as src does",
    value: round(frameAfter),
    unit: "us",
    ratio: round(frame / frameAfter),
  };
};
