/** `wifi-binding update`: keys, what is refused by name, and a push that follows a device to its end. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { decodeUpdate } from "../../../sim/update/file.js";
import * as protocol from "../../../src/codec/commands.js";
import { Bench, DK, PS } from "../../support/cloud-bench.js";
import { SdkDevice } from "../../support/sdk-device.js";
import { watch } from "../../support/secrets.js";
import { SIGNED } from "../../support/updates.js";
import { Run, temporaryFolder } from "../../unit/tools/command/harness.js";

describe("command: update", () => {
  const folder = temporaryFolder();
  const file = join(folder, "good.update");

  before(() => writeFileSync(file, SIGNED.file));

  const failure = async (status: number, ...argv: string[]): Promise<string> => {
    const run = new Run("update", ...argv);
    expect(await run.status, run.err.join()).to.equal(status);
    return run.err.join("\n");
  };

  it("key writes a secret key for its owner only and never over another, and does not print it", async () => {
    const key = join(folder, "mine.key");
    const run = new Run("update", "key", "--write", key, "--json");
    expect(await run.status).to.equal(0);
    const secret = readFileSync(key, "latin1").trim();
    watch.secret("a secret key of updates", secret);
    expect(secret).to.match(/^[0-9a-f]{128}$/);
    expect(statSync(key).mode & 0o777).to.equal(0o600);
    expect(readFileSync(join(folder, "mine.pub"), "latin1").trim()).to.equal(secret.slice(64));
    expect(run.events()[0]).to.include({ event: "key", file: key });
    expect(await failure(2, "key", "--write", key)).to.match(/exists/);
    expect(readFileSync(key, "latin1").trim()).to.equal(secret);
  }).timeout(60_000);

  it("verify says what a file holds, or what is wrong with it by name", async () => {
    const good = new Run("update", "verify", "--key", SIGNED.publicKey, file, "--json");
    expect(await good.status).to.equal(0);
    expect(good.events()[0]).to.deep.include({ event: "verified", pk: "multi", version: "1.1.0" });
    const other = "00".repeat(32);
    const short = join(folder, "short.update");
    writeFileSync(short, SIGNED.file.subarray(0, 5000));
    const text = join(folder, "text.update");
    writeFileSync(text, "hello world");
    expect(await failure(1, "verify", "--key", other, file)).to.match(/good\.update: signature: /);
    expect(await failure(1, "verify", "--key", other, short)).to.match(/short\.update: truncated: /);
    expect(await failure(1, "verify", "--key", other, text)).to.match(/text\.update: format: /);
    expect(await failure(2, "verify", "--key", "12", file)).to.match(/64 hexadecimal digits|no file/);
  });

  it("sign and push say what they lack", async () => {
    const app = join(folder, "app.js");
    writeFileSync(app, "print(1)");
    const none = join(folder, "none.key");
    const bad = join(folder, "bad.key");
    writeFileSync(bad, "1234");
    const sign = (...more: string[]) => failure(2, "sign", "--file", app, "--out", join(folder, "out"), ...more);
    expect(await sign("--version", "1.2.0", "--key", none, "--product", "p1")).to.match(/none\.key/);
    expect(await sign("--version", "1.2.0", "--key", bad, "--product", "p1")).to.match(/holds no secret key/);
    expect(await sign("--version", "one", "--key", bad)).to.match(/one to four numbers/);
    expect(await failure(2, "push", "--file", app)).to.match(/--version/);
    expect(await failure(2, "push", "--file", file, "--version", "1.2.0")).to.match(/signed already/);
    expect(await failure(2, "push", "--file", file, "--percent", "101")).to.match(/0-100/);
    expect(await failure(1, "push", "--file", file, "--cloud", "http://127.0.0.1:1")).to.match(/no development cloud/);
  });

  it("sign and push refuse what the gate refuses, unless they are told not to", async () => {
    const app = join(folder, "misread.js");
    writeFileSync(app, 'print(1);\nprint(/a?b/.test("b"), require("Sensor"));\n');
    const key = join(folder, "signs.key");
    // Whatever its digits are, it signs.
    writeFileSync(key, "5a".repeat(64));
    const out = join(folder, "misread.update");
    const words = ["--key", key, "--product", "p1", "--version", "1.2.0", "--file", app];
    const run = new Run("update", "sign", ...words, "--out", out, "--json");
    expect(await run.status).to.equal(2);
    const found = run.events().map(({ event, line, rule }) => [event, line, rule]);
    expect(found).to.deep.include.members([
      ["refused", 2, "regexp-quantifier"],
      ["refused", 2, "require"],
    ]);
    expect(run.err.join()).to.match(/misread\.js, line 2 .* nothing was written/);
    expect(existsSync(out)).to.equal(false);
    expect(await failure(2, "push", ...words, "--module", "Sensor")).to.match(
      /regexp-quantifier\): nothing was written/,
    );
    // Signing takes seconds: one that is too large gets no further, either.
    writeFileSync(app, readFileSync(app, "latin1") + " ".repeat(131_072));
    expect(await failure(2, "sign", ...words, "--out", out, "--no-gate")).to.match(/misread\.js: size: /);
  });

  it("signs an application as a cable brings it: without byte order mark and name of its map", async () => {
    const app = join(folder, "mapped.js");
    writeFileSync(app, "\ufeffprint(1);\n//# sourceMappingURL=mapped.js.map\n");
    const key = join(folder, "mapped.key");
    writeFileSync(key, "5a".repeat(64));
    const out = join(folder, "mapped.update");
    const words = ["--key", key, "--product", "p1", "--version", "1.2.0", "--file", app, "--out", out];
    expect(await new Run("update", "sign", ...words).status).to.equal(0);
    expect(decodeUpdate(readFileSync(out)).image.toString()).to.equal("print(1);\n");
  }).timeout(60_000);

  it("push follows a device to its end, and says when it refuses", async () => {
    const bench = await Bench.start();
    const device = await SdkDevice.connect(bench.cloud.mqtt, { pk: "multi", ps: PS, dk: DK }, "1.0.0");
    try {
      const push = (...more: string[]) =>
        new Run(
          "update",
          "push",
          "--cloud",
          bench.cloud.http,
          "--file",
          file,
          "--key",
          SIGNED.publicKey,
          "--json",
          ...more,
        );
      const refused = push();
      await device.nth(protocol.CMD_UPDATE_TASK, 1);
      await device.state(protocol.UPDATE_ASKED);
      await device.state(protocol.UPDATE_REFUSED);
      expect(await refused.status).to.equal(1);
      expect(refused.events().at(-1)).to.include({ event: "finished", refused: 1, updated: 0 });
      const again = push("--retry", "--percent", "100");
      await device.nth(protocol.CMD_UPDATE_TASK, 2);
      await device.state(protocol.UPDATE_ASKED);
      await device.state(protocol.UPDATE_CONFIRMED);
      await device.install(await device.place());
      await device.state(protocol.UPDATE_DONE);
      expect(await again.status, again.err.join()).to.equal(0);
      expect(again.events().at(-1)).to.include({ event: "finished", refused: 0, updated: 1 });
      const done = push();
      expect(await done.status).to.equal(0);
      const wrong = new Run("update", "push", "--cloud", bench.cloud.http, "--file", file, "--key", "00".repeat(32));
      expect(await wrong.status).to.equal(2);
      expect(wrong.err.join()).to.match(/signature/);
    } finally {
      device.mqtt.stop();
      await bench.stop();
    }
  });
});
