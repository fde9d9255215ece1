/** Identities, labels and choices: what a person at a bench, or at a terminal, does with the command. */
import { expect } from "chai";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { appendLabel } from "../../../tools/factory/labels-file.js";
import { Person, Run, temporaryFolder } from "../../unit/tools/command/harness.js";

const PASSWORD = "correct:horse";

describe("command: labels and choices", () => {
  const folder = temporaryFolder();
  const products = join(folder, "products.json");
  let cloud: Run;
  let http: string;
  let mqtt: string;

  before(async () => {
    cloud = new Run("cloud", "--write-products", products);
    ({ http, mqtt } = (await cloud.event("listening")) as Record<string, string>);
  });

  after(() => cloud.stop());

  const identity = async (name: string, ...more: string[]): Promise<{ file: string; dk: string; pop: string }> => {
    const file = join(folder, `${name}.json`);
    const run = new Run("identity", "--products", products, "--pop", "--write", file, ...more);
    expect(await run.status, run.err.join()).to.equal(0);
    const { dk, pop, ps, seed } = JSON.parse(readFileSync(file, "utf8"));
    for (const secret of [pop, ps, seed]) expect(run.out.join()).not.to.contain(secret);
    return { file, dk, pop };
  };

  const device = async (file: string, host: string): Promise<Run> => {
    const run = new Run(
      "device",
      "--identity",
      file,
      "--host",
      host,
      "--cloud",
      mqtt,
      "--ap",
      `home:${PASSWORD.replace(":", "\\:")}`,
      "--ap",
      "guests",
    );
    await run.line((line) => line.includes(host));
    return run;
  };

  it("identity writes a private file once, and prints the label's QR code", async () => {
    const { file, dk } = await identity("first");
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    const again = new Run("identity", "--products", products, "--write", file);
    expect([await again.status, again.err[0]]).to.deep.equal([2, again.err[0]]);
    expect(again.err[0]).to.match(/exists/);
    const shown = new Run("identity", "--read", file, "--qr");
    expect(await shown.status).to.equal(0);
    expect(shown.out[0]).to.contain(dk);
    expect(shown.out.join("\n")).to.match(/█/);
    const wrong = new Run("identity", "--read", products);
    expect(await wrong.status).to.equal(2);
  });

  it("identity warns of keys that are too long for the answer to a discovery", async () => {
    for (const [length, warned] of [
      [31, false],
      [32, true],
    ] as const) {
      const keys = ["--pk", "p1demo", "--ps", "0123456789abcdef", "--dk", "D".repeat(length)];
      const run = new Run("identity", ...keys, "--write", join(folder, `long-${length}.json`));
      expect(await run.status).to.equal(0);
      expect(run.out.join("\n").includes("Warning: ProductKey and DeviceKey have 38 characters")).to.equal(warned);
    }
  });

  it("an identity without --pop binds by its label without a proof", async () => {
    const file = join(folder, "open.json");
    expect(await new Run("identity", "--products", products, "--write", file).status).to.equal(0);
    expect((JSON.parse(readFileSync(file, "utf8")) as { pop: string }).pop).to.equal("");
    const running = await device(file, "127.65.3.5");
    const place = ["--device", "127.65.3.5", "--cloud", http, "--products", products, "--ssid", "home"];
    const bound = new Run("bind", ...place, "--password", PASSWORD, "--qr", file.replace(".json", ".label"));
    expect(await bound.status, bound.err.join()).to.equal(0);
    await running.stop();
  });

  it("bind reads the label, and is refused without it", async () => {
    const { file } = await identity("second");
    const running = await device(file, "127.65.3.1");
    const call = [
      "--device",
      "127.65.3.1",
      "--cloud",
      http,
      "--products",
      products,
      "--ssid",
      "home",
      "--password",
      PASSWORD,
    ];
    const without = new Run("bind", ...call);
    expect(await without.status).to.equal(1);
    expect(without.err[0]).to.match(/proof of possession needed/);
    const bound = new Run("bind", ...call, "--qr", file.replace(".json", ".label"));
    expect(await bound.status, bound.err.join()).to.equal(0);
    await running.stop();
  });

  it("bind takes the label from the factory's file", async () => {
    const { file, dk, pop } = await identity("factory");
    const labels = join(folder, "labels.csv");
    appendLabel(labels, { row: 1, pk: "p1demo", dk: "FFFFFFFFFFFF", ssid: "WB-FFFF", pop: pop + "X" });
    // Made twice: its last label counts.
    appendLabel(labels, { row: 2, pk: "p1demo", dk, ssid: "WB-1234", pop: pop + "Y" });
    appendLabel(labels, { row: 2, pk: "p1demo", dk, ssid: "WB-1234", pop });
    const running = await device(file, "127.65.3.4");
    const place = ["--device", "127.65.3.4", "--cloud", http, "--products", products, "--ssid", "home"];
    const call = [...place, "--password", PASSWORD, "--labels", labels];
    for (const [more, says] of [
      [[], /several devices: choose one by --dk/],
      [["--dk", "AAAA00000000"], /has no label for AAAA00000000/],
      [["--labels", join(folder, "nope.csv")], /there is no file .*nope\.csv/],
    ] as const) {
      const refused = new Run("bind", ...call, ...more);
      expect([await refused.status, refused.err.join()]).to.match(/^2,/);
      expect(refused.err.join()).to.match(says);
    }
    // As it is read off a sticker.
    const bound = new Run("bind", ...call, "--dk", dk.toLowerCase());
    expect(await bound.status, bound.err.join()).to.equal(0);
    await running.stop();
  });

  it("bind asks a person which device, which network and its password", async () => {
    const devices = [await identity("third"), await identity("fourth")];
    const hosts = ["127.65.3.2", "127.65.3.3"];
    const running = await Promise.all(devices.map(({ file }, at) => device(file, hosts[at])));
    const found = ["--device", hosts[0], "--device", hosts[1], "--cloud", http, "--products", products];
    const nobody = new Run("bind", ...found, "--ssid", "home", "--password", PASSWORD);
    expect(await nobody.status).to.equal(2);
    expect(nobody.err.join("\n"))
      .to.match(/2 devices answer, choose one by --dk/)
      .and.contain(devices[1].dk);

    const person = new Person([
      (choices) => choices.findIndex((choice) => choice.includes(devices[1].dk)),
      (choices) => choices.findIndex((choice) => choice.startsWith("home")),
      PASSWORD,
    ]);
    const bind = new Run("bind", ...found, "--pop", devices[1].pop, person);
    expect(await bind.status, bind.err.join()).to.equal(0);
    expect(person.questions.map((question) => question.split(/[?(]/)[0].trim())).to.deep.equal([
      "Which device",
      "Which network",
      "Password of home",
    ]);
    expect(person.questions[1]).to.contain("guests");
    expect(bind.out.join("\n")).not.to.contain(PASSWORD);
    await Promise.all(running.map((one) => one.stop()));
  });
});
