/** The frames that docs/handshake.md shows, made by the codec from one example device and the level 1 vectors. */
import { readFileSync } from "node:fs";

import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../../src/codec/ttlv.js";
import { fromHex } from "../../support/hal.js";

const vectors = JSON.parse(readFileSync("test/vectors/level1.json", "utf8"));
const [PK, DK, CODE] = ["p1demo", vectors.dk as string, "0123456789ABCDEF"];
const random = (name: string): string => fromHex(vectors[name]);

const plain = (name: string, id: number, cmd: number, ...nodes: Node[]): [string, string] => [
  name,
  encodeFrame(id, cmd, encodeTtlv(nodes)),
];
const sealed = (name: string, id: number, frame: number): [string, string] => {
  const { cmd, dataHex } = vectors.frames[frame];
  return [name, encodeFrame(id, parseInt(cmd, 16), fromHex(dataHex))];
};

/** Name in the document, and the bytes that travel. */
export const FRAMES: [name: string, bytes: string][] = [
  plain("7001 discover", 1, 0x7001),
  plain("7002 answer", 1, 0x7002, [1, DK], [2, PK], [3, 3], [4, 1], [5, false], [6, 1]),
  plain("7003 hello", 1, 0x7003, [1, random("appRandomHex")]),
  plain("7004 at level 0", 1, 0x7004, [2, random("deviceRandomHex")], [3, 0], [4, 0]),
  plain("7004 at level 1", 1, 0x7004, [2, random("deviceRandomHex")], [3, 1], [4, 0]),
  plain("7004 during a lock-out", 1, 0x7004, [2, random("deviceRandomHex")], [3, 1], [4, 30]),
  plain("7005 proof of the app", 2, 0x7005, [5, random("appProofHex")]),
  plain("7006 proof of the device", 2, 0x7006, [6, true], [7, random("deviceProofHex")]),
  plain("7006 refusal", 2, 0x7006, [6, false]),
  plain("7010 in clear", 2, 0x7010, [1, "home"], [2, "right-pw"]),
  plain("7011 accepted", 2, 0x7011, [6, true]),
  plain("7012 router", 1, 0x7012, [10, 0x0020]),
  plain("7012 success", 5, 0x7012, [10, 0xfffe]),
  plain("7011 end", 2, 0x7011, [6, true], [7, PK], [8, DK], [9, CODE]),
  plain("7000 acknowledgement", 2, 0x7000),
  plain("7012 wrong password", 2, 0x7012, [10, 0xffff], [11, 2]),
  plain("7011 failure", 2, 0x7011, [6, false], [10, 2]),
  plain("7011 proof needed", 2, 0x7011, [6, false], [10, 12]),
  plain("7013 window?", 2, 0x7013),
  plain("7014 window", 2, 0x7014, [6, true], [7, PK], [8, DK], [9, CODE], [14, 118], [3, 3]),
  plain("7014 no window", 2, 0x7014, [6, false]),
  plain("7015 networks?", 2, 0x7015),
  plain("7016 networks", 2, 0x7016, [0, [[1, "home"], [2, -40], [3, 3]]], [0, [[1, "guests"], [2, -70], [3, 0]]]), // prettier-ignore
  plain("7017 result?", 2, 0x7017),
  plain("7018 under way", 2, 0x7018, [10, 0x0030]),
  plain("7018 success", 2, 0x7018, [6, true], [7, PK], [8, DK], [9, CODE], [10, 0xfffe]),
  plain("7018 failure", 2, 0x7018, [6, false], [10, 0xffff], [11, 2]),
  plain("7018 nothing to tell", 2, 0x7018, [6, false]),
  sealed("7010 sealed", 3, 0),
  sealed("7011 sealed", 3, 1),
  sealed("7012 sealed", 1, 2),
  sealed("7017 sealed", 4, 3),
];

const WIDTH = 32;

/** A frame as the document shows it: its name, then 32 bytes a line. */
export function render([name, bytes]: [string, string]): string {
  const pairs = Buffer.from(bytes, "latin1").toString("hex").toUpperCase().match(/../g)!;
  const lines = [];
  for (let at = 0; at < pairs.length; at += WIDTH) lines.push("  " + pairs.slice(at, at + WIDTH).join(" "));
  return [name, ...lines].join("\n");
}
