/**
 * Instructions of the device's work, counted by callgrind: the difference between N and 2 N repetitions, so that starting
 * the interpreter is in neither. The code is minified, its globals in the order of a build, and in RAM: the Linux build reads its flash from a
 * file.
 */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { install } from "../sim/emulator/interpreter/install.js";
import { RADIO_FILE, radioFile, WIFI_MODULE, WIFI_MODULE_NAME } from "../sim/emulator/radio/wifi.js";
import { bundle } from "../compiler/bundle.js";
import { CLASSES, sortByUse } from "../compiler/passes/hot-first.js";
import { encodeIdentity } from "../tools/factory/identity-image.js";
import { built } from "./bench-device.js";
import { needInterpreter, round, Skipped, type Part } from "./figure.js";
import { minified } from "./minify.js";

/** The parts of the device without sockets: their other side is a link that takes everything. */
const PROGRAM = `
import { espruino } from "./src/hal/espruino/index.js";
import * as protocol from "./src/codec/commands.js";
import { encodeFrame } from "./src/codec/frame.js";
import { encodeTtlv } from "./src/codec/ttlv.js";
import { publishPacket } from "./src/cloud/packets.js";
import { discoveryAnswer } from "./src/lan/discovery.js";
import { createRequests } from "./src/lan/requests/index.js";
import { createLogin, loginCipher } from "./src/lan/requests/login.js";
import { createProvision } from "./src/lan/requests/provision.js";
import { createSessions } from "./src/lan/sessions.js";
import { createChannel } from "./src/proof/channel.js";
const identity = { pk: "p1ABCD", ps: "QUJDREVGR0hJSktM", dk: "ABCD12345678", ds: "", seed: "", pop: "" };
const key = identity.ps;
const window = { code: "0123456789ABCDEF", seconds: 120 };
const ask = encodeFrame(1, protocol.CMD_DISCOVER, "");
const provision = encodeFrame(2, protocol.CMD_PROVISION, encodeTtlv([[1, "home"], [2, "right-password"]]));
const challenge = encodeFrame(3, protocol.CMD_RANDOM, "");
// What asks for a turn of its own has it at once: nothing but the work itself is counted.
const hal = Object.assign({}, espruino, { after(milliseconds, callback) {
  if (milliseconds) return espruino.after(milliseconds, callback);
  callback();
} });
const login = createLogin(hal, () => key.substr(0, 12), () => key);
const requests = createRequests(
  login, createProvision(identity, { pairing: () => true, known: () => window, join: () => window }),
  false, () => true, () => 0, {});
const app = createSessions(hal, false, requests).attach({ send() {}, end() {} });
const session = loginCipher(espruino.aes, key, key);
const channel = createChannel(espruino, key, key + key);
const report = encodeTtlv([[1, 21], [2, true], [3, "a text of some length"]]);
const jobs = [
  () => discoveryAnswer(identity, ask, () => "192.168.100.100"),
  () => app.received(provision),
  () => app.received(challenge),
  () => encodeFrame(4, protocol.CMD_REPORT, session.seal(protocol.CMD_REPORT, report)),
  () => channel.seal(protocol.CMD_PROGRESS, encodeTtlv([[protocol.EXT_PROGRESS, protocol.PROGRESS_ROUTER]])),
  () => publishPacket(1, "q/2/d/qdp1ABCDABCD12345678/sys", encodeFrame(3, protocol.CMD_BINDING, encodeTtlv([
    [protocol.BINDING_SECRET, window.code], [protocol.BINDING_CODE, window.code]]))),
];
for (let i = 0; i < TIMES; i++) jobs[JOB]();
E.reboot();
`;

const JOBS = [
  "discovery answer: 7030 in, 7031 out",
  "7010 in, 7011 out",
  "7032 in, 7033 out",
  "0014 of three values, sealed in a LAN session",
  "70E4 on the channel of a proof",
  "report: 00B5 in a QoS 1 publish",
];

/** The clock of an ESP32. */
export const CLOCK_MHZ = 240;
/** Cycles of an instruction: flash behind a cache, one issue a cycle. An assumption, not a measurement. */
export const CYCLES = 2;

/** Instructions of one run, to the `E.reboot()` of the program, which ends the Linux build. */
export async function count(binary: string, program: string, files: Record<string, string> = {}): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const storage = { "binding.json": '{"server":"mqtt://127.0.0.1"}', ...files };
  const radio = { [WIFI_MODULE_NAME]: WIFI_MODULE, [RADIO_FILE]: radioFile("127.0.0.1", [], 50) };
  const identity = encodeIdentity({ pk: "p1ABCD", ps: "QUJDREVGR0hJSktM", dk: "ABCD12345678" });
  try {
    await install(binary, folder, { ...radio, ...storage }, [{ offset: 0, bytes: identity }]);
    writeFileSync(join(folder, "work.js"), program, "latin1");
    const args = ["--tool=callgrind", "--callgrind-out-file=/dev/null", binary, "work.js"];
    // The interpreter needs a keyboard that is still there: its input stays open.
    const child = spawn("valgrind", args, { cwd: folder, stdio: ["pipe", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("latin1").on("data", (text: string) => (said += text));
    const timer = setTimeout(() => child.kill("SIGKILL"), 300_000);
    await once(child, "close");
    clearTimeout(timer);
    const total = /Collected : (\d+)/.exec(said)?.[1];
    if (!total) throw new Error(`callgrind counts nothing: ${said.trim().split("\n").at(-1)}`);
    return Number(total);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const hasValgrind = (): boolean => !spawnSync("valgrind", ["--version"]).error;

export const work: Part = async function* ({ repeat, onProgress }) {
  const binary = needInterpreter();
  if (!hasValgrind()) throw new Skipped("needs valgrind on the PATH");
  const figure = (name: string, instructions: number) => {
    const estimate = round((instructions * CYCLES) / CLOCK_MHZ / 1000, 2);
    const note = `estimate ${estimate} ms at ${CLOCK_MHZ} MHz, if each takes ${CYCLES} cycles`;
    return { name, value: instructions, unit: "instructions", note };
  };
  const code = CLASSES + sortByUse(await minified(await bundle(PROGRAM))).toString();
  const times = Math.min(20, Math.max(2, repeat));
  for (const [job, name] of JOBS.entries()) {
    onProgress(name);
    const counted = (n: number): Promise<number> => count(binary, `var JOB=${job},TIMES=${n};${code}`);
    yield figure(name, Math.round(((await counted(2 * times)) - (await counted(times))) / times));
  }
  onProgress("boot");
  const firmware = await count(binary, `${built("firmware.min.js")}\nE.reboot();`);
  yield figure(
    "boot: firmware evaluated, provisioning open",
    firmware - (await count(binary, `require("Wifi");\nE.reboot();`)),
  );
};
