/** HMAC, and builds without `crypto`: known answers of the module that takes its place, and a device that is bound with it. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { boot, ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { bundle } from "../../support/bundle.js";
import { aes, fromHex, hmac, sha256, toHex } from "../../support/hal.js";
import { World } from "./world.js";

const MODULE = readFileSync("build/WifiBindingCrypto.min.js", "latin1");
const PROGRAM = `var C = require("WifiBindingCrypto");
function sha(text) { return btoa(C.SHA256(atob(text))); }
function aes(how, text, key, iv) { return btoa(C.AES[how](atob(text), atob(key), { iv: atob(iv) })); }`;
const HIDDEN = `var heard = [], W = require("WifiBinding"); W.on("error", function (e) { heard.push(e); });
W.start(require("Storage").readJSON("binding.json", true));`;

const base64 = (bytes: string): string => JSON.stringify(Buffer.from(bytes, "latin1").toString("base64"));
const bytesOf = (text: unknown): string => Buffer.from(text as string, "base64").toString("latin1");
const counting = (length: number): string => String.fromCharCode(...Array.from({ length }, (_, i) => (i * 37) & 255));

/** SP 800-38A, F.2.1: AES-128-CBC. */
const NIST = {
  key: "2b7e151628aed2a6abf7158809cf4f3c",
  iv: "000102030405060708090a0b0c0d0e0f",
  plain:
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
  cipher:
    "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2" +
    "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
};

/** RFC 4231, cases 1, 2 and 6: key, message, HMAC-SHA256. */
const RFC_4231: [key: string, message: string, mac: string][] = [
  ["\x0b".repeat(20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
  ["Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
  [
    "\xaa".repeat(131),
    "Test Using Larger Than Block-Size Key - Hash Key First",
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
];
const HMAC = `import { hmac } from "./src/hal/espruino/hashes.js";
declare const global: { mac: (key: string, message: string) => string };
global.mac = (key, message) => btoa(hmac(atob(key), atob(message)));`;

for (const name of ENGINES) {
  describe(`HMAC in the engine ${name}`, function () {
    this.timeout(60_000);

    it("gives the known answers of RFC 4231, and agrees with node:crypto", async function () {
      if (!hasEngine(name)) return this.skip();
      const device = await boot(name, await bundle(HMAC));
      try {
        const mac = async (key: string, message: string): Promise<string> =>
          toHex(bytesOf(await device.eval(`mac(${base64(key)},${base64(message)})`)));
        for (const [key, message, wanted] of RFC_4231) expect(await mac(key, message)).to.equal(wanted);
        for (const length of [0, 1, 16, 63, 64, 65, 200])
          expect(await mac(counting(length), counting(3 * length)), `${length} bytes`).to.equal(
            toHex(hmac(counting(length), counting(3 * length))),
          );
        expect(device.uncaught).to.deep.equal([]);
      } finally {
        await device.stop();
      }
    });
  });

  describe(`builds without crypto, in the engine ${name}`, function () {
    this.timeout(60_000);

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    it("give the known answers of FIPS 180-4 and SP 800-38A, and agree with node:crypto", async () => {
      const device = await boot(name, PROGRAM, { storage: { WifiBindingCrypto: MODULE } });
      try {
        const hash = async (bytes: string): Promise<string> => bytesOf(await device.eval(`sha(${base64(bytes)})`));
        expect(toHex(await hash("abc"))).to.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        expect(toHex(await hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))).to.equal(
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        );
        for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 300])
          expect(await hash(counting(length)), `${length} bytes`).to.equal(sha256(counting(length)));
        const run = async (how: string, text: string, key: string, iv: string): Promise<string> =>
          bytesOf(await device.eval(`aes("${how}",${base64(text)},${base64(key)},${base64(iv)})`));
        const [key, iv, plain] = [NIST.key, NIST.iv, NIST.plain].map(fromHex);
        expect(toHex(await run("encrypt", plain, key, iv))).to.equal(NIST.cipher);
        expect(toHex(await run("decrypt", fromHex(NIST.cipher), key, iv))).to.equal(NIST.plain);
        for (let n = 0; n < 20; n++) {
          const [other, start, text] = [
            counting(16 + n).slice(n),
            counting(40 + n).slice(-16),
            counting(16 * (1 + (n % 4))),
          ];
          const sealed = aes(true, text, other, start);
          expect(await run("encrypt", text, other, start)).to.equal(sealed);
          expect(await run("decrypt", sealed, other, start)).to.equal(text);
        }
        expect(device.uncaught).to.deep.equal([]);
      } finally {
        await device.stop();
      }
    });

    it("bind with the module in Storage, sealed handshake and all", async () => {
      const pop = "ABCDEFGH23456789";
      const files = { WifiBindingCrypto: MODULE };
      const world = await World.start(name, { crypto: false, files, pop });
      try {
        expect((await world.bind({ pop })).envelope.code).to.equal(200);
        expect(world.device.uncaught).to.deep.equal([]);
      } finally {
        await world.stop();
      }
    });

    it("say which module is missing, and serve nothing", async () => {
      const world = await World.start(name, { crypto: false, library: true, program: HIDDEN });
      try {
        await eventually(() => world.device.eval("heard.length"));
        const [{ code, message }] = (await world.device.eval("heard")) as { code: string; message: string }[];
        expect([code, message]).to.deep.equal(["crypto", "no crypto: flash the module WifiBindingCrypto"]);
        expect(await world.device.eval("W.capabilities()")).to.equal(0);
      } finally {
        await world.stop();
      }
    });
  });
}
