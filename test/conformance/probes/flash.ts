/** Probes of raw flash. */

import type { Group } from "../group.js";

export const flash: Group = {
  now: {
    "flash clears bits only": `
    const F = require("Flash");
    const area = process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000;
    F.write("\\x0f\\x0f\\x0f\\x0f", area + 8192);
    F.write("\\xf1\\xff\\x0e\\x00", area + 8192);
    const before = E.toString(F.read(4, area + 8192));
    F.erasePage(area + 8192);
    return [before, E.toString(F.read(4, area + 8192))];`,
    "flash at odd addresses": `
    const F = require("Flash");
    const area = process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000;
    F.erasePage(area + 12288);
    F.write("abcde", area + 12289);
    return E.toString(F.read(8, area + 12288));`,
    "flash pages": `
    const area = process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000;
    const page = require("Flash").getPage(area + 5);
    return [page.addr == area, 4096 % page.length];`,
    "erased flash is FF": `const F = require("Flash"), at = (process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000) + 16384; F.erasePage(at); const b = F.read(4, at); return [b.length, b[0], b[3], E.toString(b) == "\\xff\\xff\\xff\\xff"];`,
    "text of what is read": `const F = require("Flash"), at = (process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000) + 20480; F.erasePage(at); F.write("abcd\\x00\\x01\\x02\\xff", at); return E.toString(F.read(8, at));`,
    "writing a typed array": `const F = require("Flash"), at = (process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000) + 24576; F.erasePage(at); F.write(new Uint8Array([1, 2, 3, 4]), at + 4); return E.toString(F.read(8, at)).charCodeAt(5);`,
    "a long record": `const F = require("Flash"), at = (process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000) + 28672; F.erasePage(at); F.write("0123456789abcdef".repeat(20), at); return E.CRC32(E.toString(F.read(320, at)));`,
    "reading nothing": `return typeof require("Flash").read(0, process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000);`,
  },
};
