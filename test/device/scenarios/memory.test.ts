/**
 * What a console shows of RAM: all that `trace`, `dump`, `global` and the hidden root of the real interpreter lead to, with
 * the scopes of functions, and all top-level names of the firmware in the emulator. None of it is a secret of the flash.
 */

import { readFileSync } from "node:fs";

import { parse, type AnyNode } from "acorn";
import { expect } from "chai";

import { keyOfPop } from "../../../sim/app/level1.js";
import { demoProducts } from "../../../sim/cloud/index.js";
import { IDENTITY_BLOCKS } from "../../../src/codec/record.js";
import { readIdentity } from "../../../src/credentials/factory-identity.js";
import { openJournal } from "../../../src/storage/journal.js";
import * as keys from "../../../src/storage/keys.js";
import { SEAL_JOURNAL } from "../../../src/storage/seal.js";
import { sealOf } from "../../../tools/factory/seal.js";
import { checksum, MemoryFlash } from "../../support/hal.js";
import { watch } from "../../support/secrets.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { built, DK, World, type Setup } from "./world.js";

const FLASH_KEY = "a key from the eFuse";
const POP = "PROOF-OF-QWERTZUI";
const OTHER_PS = "QWERTZUIOPASDFGH";
/** Characters of a secret that must not stand in a row. */
const LEAST = 8;
/** What is not secret: the searches find it, or they would find nothing. */
const PUBLIC = DK;

/** The names that a script declares at its top. */
function namesOf(script: string): string[] {
  const { body } = parse(script, { ecmaVersion: 2022 }) as unknown as { body: AnyNode[] };
  return body.flatMap((one) => {
    if (one.type === "VariableDeclaration") return one.declarations.map(({ id }) => (id as { name: string }).name);
    return one.type === "FunctionDeclaration" ? [one.id!.name] : [];
  });
}

/** Every text that values lead to, members' names too, in BASE64. */
const walk = (values: string): string => `(function (waiting) {
  var seen = [], out = [];
  for (var i = 0; i < waiting.length; i++) {
    var value = waiting[i];
    if (typeof value == "string") out.push(btoa(value));
    else if (value && (typeof value == "object" || typeof value == "function") && seen.indexOf(value) < 0) {
      seen.push(value);
      Object.keys(value).forEach(function (name) { out.push(btoa(name)); waiting.push(value[name]); });
    }
  }
  return out.join();
})([${values}])`;

/** What the real interpreter prints, with its escapes undone. */
function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9A-Fa-f]{2})|([0-7]{1,3})|(.))/g, (_, hex, octal, one) => {
    if (hex) return String.fromCharCode(parseInt(hex, 16));
    if (octal) return String.fromCharCode(parseInt(octal, 8));
    return { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v" }[one as string] ?? (one as string);
  });
}

for (const name of ENGINES) {
  describe(`the RAM of a device in the engine ${name}`, function () {
    this.timeout(180_000);
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught).to.deep.equal([]);
    });

    /** All texts in RAM. */
    async function ram(): Promise<string> {
      const { device } = world;
      if (name === "emulator") {
        const names = namesOf(readFileSync("build/firmware.min.js", "latin1"));
        const all = String(await device.eval(walk(["global", ...names].join())));
        return all
          .split(",")
          .map((one) => Buffer.from(one, "base64").toString("latin1"))
          .join("\n");
      }
      const before = device.lines.length;
      watch.listening = false;
      // Not in the evaluation itself: printing takes longer than that may on a busy machine.
      await device.eval(
        "(setTimeout(()=>{trace();dump();print(global);print(global['\xff']);print('the','end')},0),0)",
      );
      await eventually(() => device.lines.slice(before).includes("the end"), 60_000);
      watch.listening = true;
      return unescaped(device.lines.slice(before).join("\n"));
    }

    /** What is secret by its flash. */
    function secrets(flashKey: string | undefined): Record<string, string> {
      const flash = new MemoryFlash();
      flash.bytes = Buffer.from(world.device.flash);
      const identity = readIdentity({ flash, crc32: checksum }, sealOf(flashKey));
      const seal = sealOf(flashKey, SEAL_JOURNAL);
      const journal = openJournal(flash, checksum, IDENTITY_BLOCKS, 14, undefined, seal);
      return {
        "the ProductSecret": identity.ps,
        "the factory's seed": identity.seed,
        "the DeviceSecret": journal.text(keys.KEY_DS),
        "another ProductSecret": journal.text(keys.KEY_PS),
        "the bindingSecret": journal.text(keys.KEY_SECRET),
        "the authKey": journal.text(keys.KEY_AUTH_KEY),
        "the next random state": journal.text(keys.KEY_RANDOM),
        ...(identity.pop && { "the proof": identity.pop, "K of the proof": keyOfPop(identity.pop).toString("latin1") }),
        ...(flashKey && { "the flashKey": flashKey }),
      };
    }

    /** A report under way holds the bindingSecret: once more in a moment. */
    async function search(flashKey?: string): Promise<void> {
      await look(flashKey).catch(async () => {
        await pause(1000);
        await look(flashKey);
      });
    }

    async function look(flashKey?: string): Promise<void> {
      const all = await ram();
      expect(all, "what is not secret is found").to.include(PUBLIC);
      for (const [what, secret] of Object.entries(secrets(flashKey))) {
        for (let at = 0; at + LEAST <= secret.length; at++) {
          const found = all.indexOf(secret.slice(at, at + LEAST));
          expect(found < 0 ? "" : all.slice(Math.max(0, found - 300), found + 40), what).to.equal("");
        }
      }
    }

    for (const [what, setup, more] of [
      ["of an ordinary device", {}, ["the DeviceSecret", "the authKey"]],
      [
        "of a device with a proof and a flashKey",
        { pop: POP, flashKey: FLASH_KEY, options: { flashKey: FLASH_KEY } },
        ["the proof", "the flashKey"],
      ],
    ] as [string, Setup, string[]][]) {
      it(`${what} holds no secret: in pairing mode, bound, after a boot, moved to another product`, async () => {
        const products = demoProducts();
        products.products.push({ ...products.products[0], pk: "p2demo", ps: OTHER_PS });
        world = await World.start(name, {
          world: products,
          files: { WifiBindingProof: built("WifiBindingProof") },
          ...setup,
          program: "firmware",
        });
        await world.reaches("provisioning");
        await search(setup.flashKey);
        await world.own();
        expect(secrets(setup.flashKey)).to.include.keys(more);
        await search(setup.flashKey);
        await world.reboot();
        await world.reaches("bound");
        await search(setup.flashKey);
        await world.configure({ product: { pk: "p2demo", ps: OTHER_PS } });
        await eventually(() => secrets(setup.flashKey)["another ProductSecret"] === OTHER_PS);
        await world.reaches("online");
        await search(setup.flashKey);
      });
    }
  });
}
