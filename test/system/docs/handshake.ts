/** The frames that docs/handshake.md shows, made by the codec from one example device, its authKey, and its proof. */
import { readFileSync } from "node:fs";

import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../../src/codec/ttlv.js";
import { loginCipher, loginHash } from "../../../src/lan/requests/login.js";
import { aes, fromHex, hasher, latin1 } from "../../support/hal.js";
import { FakeLevel1 } from "../../unit/sim/app/fake-level1.js";

const vectors = JSON.parse(readFileSync("test/vectors/level1.json", "utf8"));
const [PK, DK, CODE] = ["p1demo", vectors.dk as string, "0123456789ABCDEF"];
const [SSID, PASSWORD] = ["home", "right-password"];

/** BASE64, as the cloud's API says it, and the random of the login. */
export const AUTH_KEY = "HfrVOCTfakP9KXKkuC/fYg==";
export const RANDOM = "q7Rt2Vx9Lm4Zk8Wd";
const key = Buffer.from(AUTH_KEY, "base64").toString("latin1");
const session = loginCipher(aes, key, RANDOM);

const random = (name: string): string => fromHex(vectors[name]);
const level1 = new FakeLevel1(
  Buffer.from(vectors.keyHex, "hex"),
  latin1(random("appRandomHex")),
  latin1(random("deviceRandomHex")),
);

type Example = [name: string, bytes: string];

const plain = (name: string, id: number, cmd: number, ...nodes: Node[]): Example => [
  name,
  encodeFrame(id, cmd, encodeTtlv(nodes)),
];
/** Under the authKey. */
const sealed = (name: string, id: number, cmd: number, data: string): Example => [
  name,
  encodeFrame(id, cmd, session.seal(cmd, data)),
];
/** On the channel of a proof. */
const proved = (name: string, id: number, cmd: number, device: boolean, counter: number, ...nodes: Node[]): Example => [
  name,
  encodeFrame(id, cmd, level1.data(device ? 1 : 0, counter, cmd, latin1(encodeTtlv(nodes))).toString("latin1")),
];

const NETWORK: Node[] = [[1, SSID], [2, PASSWORD]]; // prettier-ignore
const ACCEPTED: Node[] = [[4, true], [5, 120], [7, PK], [8, DK], [9, CODE]]; // prettier-ignore

/** Name in the document, and the bytes that travel. */
export const FRAMES: Example[] = [
  plain("7030 discover", 1000, 0x7030),
  plain("7031 answer", 1000, 0x7031, [3, PK], [4, DK], [5, "192.0.2.17"], [6, 6607], [7, 1]),
  plain("7010 network", 1001, 0x7010, ...NETWORK, [11, 120], [13, "mqtts://cloud.example:8886"], [12, 255]),
  plain("7011 accepted", 1001, 0x7011, ...ACCEPTED),
  plain("7011 refused", 1001, 0x7011, [4, false]),
  plain("7011 not in pairing mode", 1001, 0x7011),
  plain("7014 in the cloud", 0, 0x7014, [6, true]),
  plain("7012 networks?", 1002, 0x7012),
  plain("7013 networks", 1002, 0x7013, [51, [[0, SSID], [0, "guests"]]]), // prettier-ignore
  plain("7013 not in pairing mode", 1002, 0x7013),
  plain("7032 random?", 1001, 0x7032),
  plain("7033 random", 1001, 0x7033, [1, RANDOM]),
  plain("7034 login", 1002, 0x7034, [2, loginHash(hasher, key, RANDOM)]),
  plain("7035 logged in", 1002, 0x7035, [3, 0]),
  plain("7035 refused", 1002, 0x7035, [3, 1]),
  plain("7035 logged in already", 1002, 0x7035, [3, 2]),
  sealed("7039 heartbeat", 1003, 0x7039, encodeTtlv([[1, 30], [2, 1]])), // prettier-ignore
  sealed("0011 read 1 and 43", 1004, 0x0011, "\x00\x01\x00\x2b"),
  sealed("0011 read everything", 1005, 0x0011, ""),
  sealed("0012 nothing to read", 1005, 0x0012, ""),
  sealed("0013 write 43 = true", 1006, 0x0013, encodeTtlv([[43, true]])),
  sealed("7036 not done", 1006, 0x7036, encodeTtlv([[1, 1]])),
  sealed("0014 report 43 = true", 0, 0x0014, encodeTtlv([[43, true]])),
  plain("7037 ping", 1, 0x7037),
  plain("7038 pong", 1, 0x7038),
  plain("70E0 hello", 1, 0x70e0, [1, random("appRandomHex")]),
  plain("70E1 random", 1, 0x70e1, [2, random("deviceRandomHex")], [4, 0]),
  plain("70E1 during a lock-out", 1, 0x70e1, [2, random("deviceRandomHex")], [4, 30]),
  plain("70E2 proof of the app", 2, 0x70e2, [5, random("appProofHex")]),
  plain("70E3 proof of the device", 2, 0x70e3, [6, true], [7, random("deviceProofHex")]),
  plain("70E3 refusal", 2, 0x70e3, [6, false]),
  proved("7010 network", 3, 0x7010, false, 1, ...NETWORK),
  proved("7011 accepted", 3, 0x7011, true, 1, ...ACCEPTED),
  proved("70E4 router", 0, 0x70e4, true, 2, [10, 0x0020]),
  proved("70E4 success", 0, 0x70e4, true, 3, [10, 0xfffe]),
  proved("70E4 wrong password", 0, 0x70e4, true, 3, [10, 0xffff], [11, 2]),
  proved("70E6 window?", 4, 0x70e6, false, 2),
  proved("70E7 window", 4, 0x70e7, true, 4, [6, true], [7, PK], [8, DK], [9, CODE], [14, 118], [3, 3]),
  proved("70E8 result?", 5, 0x70e8, false, 3),
  proved("70E9 success", 5, 0x70e9, true, 5, [6, true], [7, PK], [8, DK], [9, CODE], [10, 0xfffe]),
  plain("70E7 proof needed", 4, 0x70e7, [6, false], [11, 12]),
];

const WIDTH = 32;

/** A frame as the document shows it: its name, then 32 bytes a line. */
export function render([name, bytes]: Example): string {
  const pairs = latin1(bytes).toString("hex").toUpperCase().match(/../g)!;
  const lines = [];
  for (let at = 0; at < pairs.length; at += WIDTH) lines.push("  " + pairs.slice(at, at + WIDTH).join(" "));
  return [name, ...lines].join("\n");
}
