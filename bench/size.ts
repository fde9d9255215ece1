/** Bytes of each bundle: minified, compressed, and pretokenised as EspruinoTools can send it. */

import { gzipSync } from "node:zlib";

import { measure, measureApp } from "../compiler/size.js";
import { pretokeniser } from "../tools/flash/espruino-tools.js";
import { UsageError } from "../sim/errors.js";
import { built } from "./bench-device.js";
import { round, type Part } from "./figure.js";

/** Nothing when EspruinoTools, which is optional, is not installed. */
function tokeniser(): ((code: string) => string) | undefined {
  try {
    return pretokeniser();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

export const size: Part = async function* ({ app }) {
  if (app) {
    const { bytes, modules, total } = measureApp(app, "build");
    yield { name: app, value: bytes, unit: "bytes", note: "as flash --app writes it" };
    for (const [name, part] of Object.entries(modules)) yield { name: `${app}: ${name}`, value: part, unit: "bytes" };
    yield { name: `${app}: all together`, value: total, unit: "bytes" };
    return;
  }
  const tokenise = tokeniser();
  for (const { file, bytes, budget, folders, mqtt } of measure("build")) {
    const code = built(file);
    yield { name: file, value: bytes, unit: "bytes", note: `minified; budget ${budget}` };
    const packed = gzipSync(Buffer.from(code, "latin1"), { level: 9 }).length;
    yield { name: `${file}, gzip`, value: packed, unit: "bytes", ratio: round(packed / bytes, 2) };
    if (tokenise) {
      const tokens = tokenise(code).length;
      yield { name: `${file}, pretokenised`, value: tokens, unit: "bytes", ratio: round(tokens / bytes, 2) };
    } else {
      yield {
        name: `${file}, pretokenised`,
        value: "skipped",
        unit: "",
        note: "needs EspruinoTools: npm install espruino",
      };
    }
    for (const [folder, part] of Object.entries(folders))
      yield { name: `${file}, ${folder}`, value: part, unit: "bytes" };
    if (mqtt) yield { name: `${file}, the MQTT client`, value: mqtt, unit: "bytes" };
  }
};
