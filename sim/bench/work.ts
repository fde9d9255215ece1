/**
 * Instructions of the device's work, counted by callgrind: the difference between N and 2 N repetitions, so that starting
 * the interpreter is in neither. The code runs from RAM and without sockets: what is counted is the codec and its frames.
 */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bundle } from "../espruino/bundle.js";
import { needInterpreter, round, Skipped, type Part } from "./figure.js";
import { minified } from "./minify.js";

const PROGRAM = `
import { useNativeSum } from "./src/codec/bytes.js";
import * as protocol from "./src/codec/commands.js";
import { decodeFrame, encodeFrame } from "./src/codec/frame.js";
import { decodeTtlv, encodeTtlv } from "./src/codec/ttlv.js";
import { publishPacket } from "./src/cloud/packets.js";
useNativeSum((bytes) => E.sum(bytes));
const discover = encodeFrame(1, protocol.CMD_DISCOVER, "");
const provision = encodeFrame(2, protocol.CMD_PROVISION, encodeTtlv([[protocol.WIFI_SSID, "home"], [protocol.WIFI_PASSWORD, "right-password"]]));
const jobs = {
  discovery: () => {
    const frame = decodeFrame(discover);
    return encodeFrame(frame.id, protocol.CMD_DISCOVER_ANSWER, encodeTtlv([[protocol.DISCOVER_PK, "p1ABCD"],
      [protocol.DISCOVER_DK, "ABCD12345678"], [protocol.DISCOVER_CAPABILITIES, 3], [protocol.DISCOVER_STATE, 1],
      [protocol.DISCOVER_WINDOW, 120], [protocol.DISCOVER_REVISION, 1]]));
  },
  provision: () => {
    const frame = decodeFrame(provision);
    decodeTtlv(frame.data);
    return encodeFrame(frame.id, protocol.CMD_PROVISION_ANSWER, encodeTtlv([[protocol.LAN_OK, true]]));
  },
  report: () => publishPacket(1, "q/1/d/qdABCDABCD12345678/bus", encodeFrame(3, protocol.CMD_BINDING, encodeTtlv([
    [protocol.BINDING_SECRET, "0123456789ABCDEF0123456789ABCDEF"], [protocol.BINDING_CODE, "0123456789ABCDEF"], [protocol.BINDING_WINDOW, 120]]))),
};
for (let i = 0; i < TIMES; i++) jobs[JOB]();
quit();
`;

const JOBS = {
  discovery: "discovery answer: 7001 in, 7002 out",
  provision: "7010 in, 7011 out",
  report: "report: 00B5 in a QoS 1 publish",
};

/** The clock of an ESP32. */
const CLOCK_MHZ = 240;
/** Cycles of an instruction: flash behind a cache, one issue a cycle. An assumption, not a measurement. */
const CYCLES = 2;

/** @throws Error when the run fails or takes longer than a minute */
async function count(folder: string, binary: string, program: string): Promise<number> {
  writeFileSync(join(folder, "work.js"), program, "latin1");
  const out = join(folder, "callgrind");
  const args = ["--tool=callgrind", `--callgrind-out-file=${out}`, binary, "work.js"];
  // The interpreter needs a keyboard that is still there: its input stays open.
  const child = spawn("valgrind", args, { cwd: folder, stdio: ["pipe", "ignore", "ignore"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const [status] = (await once(child, "exit")) as [number | null];
  clearTimeout(timer);
  const total = status === 0 ? /^(?:summary|totals): (\d+)/m.exec(readFileSync(out, "latin1"))?.[1] : undefined;
  if (!total) throw new Error("callgrind counts nothing");
  return Number(total);
}

export const work: Part = async function* ({ repeat, onProgress }) {
  const binary = needInterpreter();
  if (spawnSync("valgrind", ["--version"]).error) throw new Skipped("needs valgrind on the PATH");
  const code = await minified(await bundle(PROGRAM));
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const times = Math.max(2, repeat);
  try {
    for (const [job, name] of Object.entries(JOBS)) {
      onProgress(name);
      const counted = (n: number): Promise<number> => count(folder, binary, `var JOB="${job}",TIMES=${n};${code}`);
      const instructions = Math.round(((await counted(2 * times)) - (await counted(times))) / times);
      const estimate = round((instructions * CYCLES) / CLOCK_MHZ / 1000, 2);
      const note = `estimate ${estimate} ms at ${CLOCK_MHZ} MHz, if each takes ${CYCLES} cycles`;
      yield { name, value: instructions, unit: "instructions", note };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
