/** `flash` and `identity` as commands, on a console that an emulated device stands behind. */
import { expect } from "chai";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../tools/command/program.js";
import { engine, type Device } from "../../../sim/emulator/index.js";
import { parseLabel } from "../../../tools/factory/label.js";
import { eventually } from "../../unit/sim/emulator/harness.js";
import { temporaryFolder } from "../../unit/tools/command/harness.js";
import { ConsoleServer } from "../../unit/tools/flash/console-server.js";

const PS = "sixteen-char-key";

interface Ended {
  status: number;
  out: string[];
  err: string[];
}

/** Runs a command whose questions get these answers. */
async function command(argv: string[], answers?: string[]): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  const status = await run(argv, {
    out: (line) => void out.push(...line.split("\n")),
    err: (line) => void err.push(line),
    ask: answers && {
      choose: async () => (answers.shift() === undefined ? 1 : 0),
      name: () => Promise.reject(new Error("asked for a name")),
      secret: () => Promise.reject(new Error("asked for a secret")),
    },
    colour: false,
    stop: new AbortController().signal,
  });
  return { status, out, err };
}

describe("command: flash and identity", function () {
  this.timeout(60000);
  const folder = temporaryFolder();
  const labels = join(folder, "labels.csv");
  const psFile = join(folder, "ps.txt");
  let device: Device;
  let server: ConsoleServer;
  let plugged = 0;

  const plug = async (): Promise<void> => {
    device = await engine("emulator").start({
      host: `127.79.0.${++plugged}`,
      storage: {},
      networks: [],
      onLine: (line) => server?.print(line),
    });
  };
  const port = (): string[] => ["--port", server.port];
  const write = (...more: string[]): string[] => {
    return [
      "identity",
      "write",
      ...port(),
      "--pk",
      "p1ABCD",
      "--ps-file",
      psFile,
      "--pop",
      "--labels",
      labels,
      ...more,
    ];
  };

  before(async () => {
    writeFileSync(psFile, PS + "\n");
    await plug();
    server = await ConsoleServer.start((expression) => device.eval(expression));
  });
  after(async () => {
    server.stop();
    await device.stop();
  });

  it("flash refuses to go on without options, and a dry run writes nothing", async () => {
    const bare = await command(["flash", ...port()]);
    expect([bare.status, bare.err]).to.deep.equal([
      2,
      ["wifi-binding: the device has no options yet: give --server mqtt://host:port, or --options FILE"],
    ]);
    const dry = await command(["flash", ...port(), "--server", "mqtt://127.0.0.1:1883", "--dry-run"]);
    expect(dry.status).to.equal(0);
    const plan = /to write: (.*)/.exec(dry.out.join("\n"))![1];
    for (const file of ["wb.a (", "WifiBindingProof (", "binding.json", ".bootcde"]) expect(plan).to.include(file);
    expect(await device.eval('require("Storage").read(".bootcde")===undefined')).to.equal(true);
  });

  it("flash names an option that the firmware would refuse", async () => {
    const options = join(folder, "bad.json");
    writeFileSync(options, '{"server":"mqtt://127.0.0.1:1883","window":0}');
    const { status, err } = await command(["flash", ...port(), "--options", options]);
    expect([status, err]).to.deep.equal([2, ["wifi-binding: option window must be 1-3600"]]);
    writeFileSync(options, "{");
    expect((await command(["flash", ...port(), "--options", options])).err[0]).to.match(/bad.json is no JSON/);
    writeFileSync(options, '{"server":"mqtt://127.0.0.1:1883","window":60,"tls":{},"window":90}');
    const twice = await command(["flash", ...port(), "--options", options]);
    expect([twice.status, twice.err[0]]).to.deep.equal([
      2,
      `wifi-binding: ${options} has "window" twice in one object: remove one of them`,
    ]);
    writeFileSync(options, '{"server":"mqtt://127.0.0.1:1883","windw":60}');
    const misspelt = await command(["flash", ...port(), "--options", options]);
    expect([misspelt.status, misspelt.err]).to.deep.equal([
      2,
      ['wifi-binding: there is no option "windw": is "window" meant?'],
    ]);
  });

  it("flash refuses an option of another type by its name, which the device would misread in silence", async () => {
    const options = join(folder, "typed.json");
    const cases: [option: string, why: RegExp][] = [
      ['"debug":"false"', /option debug must be true or false$/],
      ['"encrypt":null', /option encrypt must be true or false$/],
      ['"window":"60"', /option window must be a whole number$/],
      ['"keepalive":1.5', /option keepalive must be a whole number$/],
      ['"username":7', /option username must be a text$/],
      ['"tls":[]', /option tls must be an object$/],
      ['"tls":{"caa":"hunter22"}', /there is no option tls\."caa": is "ca" meant\?$/],
      ['"":"hunter22"', /there is no option "": there are server, window, /],
      ['"button":7', /option button must be a text$/],
      ['"button":"hunter22"', /option button must be the name of a pin/],
      ['"console":"hunter22é"', /option console must be ASCII$/],
      ['"model":"日本"', /option model must be ASCII$/],
    ];
    for (const [option, why] of cases) {
      writeFileSync(options, `\ufeff{"server":"mqtt://127.0.0.1:1883",${option}}\r\n`);
      const { status, err } = await command(["flash", ...port(), "--options", options]);
      expect([status, err.length], option).to.deep.equal([2, 1]);
      expect(err[0], option).to.match(why).and.not.contain("hunter22");
    }
    writeFileSync(options, '{"window":60}');
    expect((await command(["flash", ...port(), "--options", options])).err[0]).to.match(/option server is missing/);
  });

  it("flash refuses an application that is empty, a folder, or not there", async () => {
    const file = join(folder, "empty.js");
    writeFileSync(file, "\ufeff\n");
    for (const [path, why] of [
      [file, /empty\.js is empty$/],
      [folder, /cannot read/],
      [join(folder, "none.js"), /there is no file/],
    ] as const) {
      const { status, err } = await command(["flash", ...port(), "--app", path]);
      expect([status, err.length], path).to.deep.equal([2, 1]);
      expect(err[0]).to.match(why);
    }
  });

  it("flash writes, reboots, and waits until the application is good", async () => {
    const options = join(folder, "options.json");
    writeFileSync(options, '{"server":"mqtt://127.0.0.1:1883","debug":true}');
    const { status, out, err } = await command(["flash", ...port(), "--options", options, "--json"]);
    expect(status, err.join()).to.equal(0);
    const events = out.map((line) => JSON.parse(line) as { event: string });
    expect(events.map(({ event }) => event)).to.include.members(["connected", "plan", "verified", "on trial", "good"]);
    expect(out.join()).to.contain("WB ready");
    const again = await command(["flash", ...port(), "--json"]);
    expect(again.out.at(-1)).to.equal('{"event":"unchanged"}');
  });

  it("flash says that it has all of this, without options as with the same ones", async () => {
    const again = await command(["flash", ...port(), "--json"]);
    expect(again.out.at(-1)).to.equal('{"event":"unchanged"}');
    expect(again.status).to.equal(0);
  });

  it("flash --app passes the gate first, which names the line, and writes nothing otherwise", async () => {
    const file = join(folder, "own.js");
    const before = await device.eval('require("Storage").list()');
    writeFileSync(file, "\ufeffvar a = {};\nvar b = 1;\nvar c = a?.b ?? nothing;\n");
    const { status, out, err } = await command(["flash", ...port(), "--app", file]);
    expect(status).to.equal(2);
    expect(out.join("\n")).to.match(/own\.js:3:9 .*\(optional-chaining\)/);
    expect(err).to.have.length(1);
    expect(err[0]).to.match(/the gate refuses .*own\.js, line 3 \(\S+\) and \d more: nothing was written/);
    expect(await device.eval('require("Storage").list()')).to.deep.equal(before);
    const asked = await command(["flash", ...port(), "--app", file, "--json"]);
    expect(JSON.parse(asked.out[1])).to.include({ event: "refused", line: 3, column: 9, rule: "optional-chaining" });
    const anyway = await command(["flash", ...port(), "--app", file, "--no-gate", "--dry-run"]);
    expect(anyway.status, anyway.err.join()).to.equal(0);
  });

  it("flash --app fails by an error that no code catches during the trial, and the one before comes back", async () => {
    const file = join(folder, "throws.js");
    writeFileSync(
      file,
      'print("WB own");setTimeout(function(){var a;a.b=1},500);setTimeout(function(){global.appIsGood()},5000);',
    );
    const slot = await device.eval("global.appSlot");
    const { status, err } = await command(["flash", ...port(), "--app", file]);
    expect(status).to.equal(1);
    expect(err.join()).to.match(/the new application threw: Uncaught .*; the device goes back to the old one/);
    await eventually(async () => (await device.eval("global.appSlot").catch(() => undefined)) === slot);
    expect(await device.eval('"appIsGood" in global')).to.equal(false);
  });

  it("identity write, show and qr agree, and no secret is printed that was not asked for", async () => {
    const none = await command(["identity", "show", ...port()]);
    expect([none.status, none.err.length]).to.deep.equal([1, 1]);
    const made = await command(write("--dk", "AABBCCDDEEFF", "--qr", folder));
    expect(made.status, made.err.join()).to.equal(0);
    const shown = await command(["identity", "show", ...port(), "--json"]);
    expect(JSON.parse(shown.out[0])).to.deep.equal({
      ...{ event: "identity", pk: "p1ABCD", dk: "AABBCCDDEEFF" },
      has: { ds: false, seed: true, pop: true, updateKey: false },
    });
    const qr = await command(["identity", "qr", "--labels", labels, "--dk", "AABBCCDDEEFF", "--json"]);
    const label = parseLabel((JSON.parse(qr.out[0]) as { label: string }).label);
    expect(label).to.include({ pk: "p1ABCD", dk: "AABBCCDDEEFF", ssid: "WB-EEFF" });
    const asked = await command(["identity", "show", ...port(), "--show-pop"]);
    expect(asked.out.join()).to.contain(label.pop);
    const drawn = await command(["identity", "qr", "--labels", labels, "--dk", "AABBCCDDEEFF"]);
    expect(drawn.out.join()).to.contain("▄");
    for (const { out, err } of [made, shown])
      expect([...out, ...err].join())
        .to.not.contain(label.pop)
        .and.not.contain(PS);
  });

  it("flash --ota writes the modules, and the public key into the identity, whose rest stays", async () => {
    const identity = async () => {
      const { out } = await command(["identity", "show", ...port(), "--show-pop", "--json"]);
      return JSON.parse(out[0]) as { pop: string; has: { updateKey: boolean } };
    };
    const before = await identity();
    const key = "5A".repeat(32);
    const dry = await command(["flash", ...port(), "--ota", key, "--dry-run"]);
    expect(dry.out.join("\n")).to.match(
      /to write: WifiBindingOta \(\d+ bytes\), WifiBindingSlh .*; the public key of updates/,
    );
    const flashed = await command(["flash", ...port(), "--ota", key, "--json"]);
    expect(flashed.status, flashed.err.join()).to.equal(0);
    expect(await identity()).to.deep.equal({ ...before, has: { ...before.has, updateKey: true } });
    const modules = '["WifiBindingOta","WifiBindingSlh"].every(function(n){return require("Storage").read(n)})';
    expect(await device.eval(modules)).to.equal(true);
    const again = await command(["flash", ...port(), "--ota", key, "--json"]);
    expect(again.out.at(-1)).to.equal('{"event":"unchanged"}');
    const other = await command(["flash", ...port(), "--ota", "00".repeat(32)]);
    expect([other.status, other.err[0]]).to.match(/2,.*updates of another key: --force replaces it/);
  });

  it("identity write refuses arguments that would lose something, and secrets that are none", async () => {
    const noLabels = await command(["identity", "write", ...port(), "--pk", "p1ABCD", "--ps-file", psFile, "--pop"]);
    expect([noLabels.status, noLabels.err[0]]).to.deep.equal([
      2,
      "wifi-binding: --pop needs --labels FILE, which keeps what is printed on the device",
    ]);
    const other = await command(write("--dk", "FFEEDDCCBBAA"));
    expect([other.status, other.err[0]]).to.match(/2,.*has an identity already \(PK p1ABCD, DK AABBCCDDEEFF\)/);
    const bad = join(folder, "bad-ps.txt");
    writeFileSync(bad, "short-secret");
    const wrong = await command(["identity", "write", ...port(), "--pk", "p1", "--ps-file", bad, "--labels", labels]);
    expect(wrong.status).to.equal(2);
    expect(wrong.err.join())
      .to.match(/ProductSecret has 16-32/)
      .and.not.contain("short-secret");
    const argument = await command(write("--ps", PS));
    expect(argument.err.join())
      .to.match(/unknown option/)
      .and.not.contain(PS);
  });

  it("identity erase asks first, and frees a device that another flashKey has locked", async () => {
    const argv = ["identity", "erase", ...port()];
    const alone = await command(argv);
    expect([alone.status, alone.err.join()]).to.match(
      /2,.*identity and journal of AABBCCDDEEFF of product p1ABCD.*--force/,
    );
    const no = await command(argv, []);
    expect([no.status, no.err.join()]).to.match(/1,.*nothing was erased/);
    expect((await command(["identity", "show", ...port()])).status).to.equal(0);

    process.env.WIFI_BINDING_FLASH_KEY = "a key from the eFuse";
    try {
      const locked = await command([...argv, "--journal", "--force"]);
      expect([locked.status, locked.err.join()]).to.match(/1,.*was not sealed with this flashKey/);
      const erased = await command([...argv, "--force", "--json"]);
      expect(erased.status, erased.err.join()).to.equal(0);
      expect(erased.out.at(-1)).to.equal('{"event":"erased","journal":true,"identity":true}');
      expect(erased.out.join()).to.contain('{"event":"erasing","file":"flash","done":16,"total":16}');
      await eventually(async () => (await command(["identity", "show", ...port()])).err.join().includes("no identity"));
      const none = await command([...argv, "--journal", "--force"]);
      expect([none.status, none.err.join()]).to.match(/1,.*no identity: erase without --journal/);
      const made = await command(write("--dk", "AABBCCDDEEFF"));
      expect(made.status, made.err.join()).to.equal(0);
      const journal = await command([...argv, "--journal", "--force"]);
      expect(journal.out.join(), journal.err.join()).to.match(/the journal of AABBCCDDEEFF of product p1ABCD erased/);
      expect((await command(["identity", "show", ...port()])).status).to.equal(0);
    } finally {
      delete process.env.WIFI_BINDING_FLASH_KEY;
    }
    expect((await command(argv, ["erase"])).status).to.equal(0);
    await command(write("--dk", "AABBCCDDEEFF"));
  });

  it("a list of devices goes on where it stopped, and no device becomes two", async () => {
    const csv = join(folder, "devices.csv");
    const list = join(folder, "list.csv");
    writeFileSync(csv, "dk,ds\n,\n0011223344FF,a-device-secret\n");
    const many = [
      "identity",
      "write",
      ...port(),
      "--pk",
      "p1ABCD",
      "--ps-file",
      psFile,
      "--csv",
      csv,
      "--labels",
      list,
    ];
    await device.stop();
    await plug();
    const first = await command([...many, "--json"]);
    expect(first.status, "made, and there is more").to.equal(3);
    expect(first.err[0]).to.match(/row 2 is next: connect its device, and run the same command again/);
    // Still the first device; then the next one is connected.
    const second = await command([...many, "--json"], ["", "q"]);
    expect(second.out.join()).to.match(/"event":"resumed".*this is [0-9A-F]+, made already as row 1/);
    expect(second.status).to.equal(3);
    expect(second.out.at(-1)).to.equal(
      '{"event":"unfinished","devices":2,"written":0,"skipped":1,"refused":1,"left":1}',
    );
    const forced = await command([...many, "--force", "--json"]);
    expect([forced.status, forced.err.join()], "failed").to.match(/1,.*made already as row 1/);
    await device.stop();
    await plug();
    const third = await command([...many, "--json"]);
    expect(third.status, third.err.join()).to.equal(0);
    expect(third.out.at(-1)).to.equal('{"event":"done","devices":2,"written":1,"skipped":1,"refused":0,"left":0}');
    const shown = await command(["identity", "show", ...port(), "--json"]);
    expect(JSON.parse(shown.out[0])).to.have.nested.property("has.ds", true);
    const rows = readFileSync(list, "utf8").trim().split("\n");
    expect(rows.map((row) => row.split(",")[0])).to.deep.equal(["row", "1", "2"]);
    const done = await command([...many, "--json"]);
    expect(done.out.at(-1)).to.equal('{"event":"done","devices":2,"written":0,"skipped":2,"refused":0,"left":0}');
    // Another list with the same labels: what is done is told by PK and DK, wherever its row is.
    writeFileSync(csv, "ds;dk\n;\nother-secret;0011223344AA\na-device-secret;0011223344FF\n");
    await device.stop();
    await plug();
    const next = await command([...many, "--json"]);
    expect(next.status, next.err.join()).to.equal(0);
    expect(next.out.at(-1)).to.equal('{"event":"done","devices":3,"written":1,"skipped":2,"refused":0,"left":0}');
    expect((await command(["identity", "show", ...port()])).out.join()).to.contain("DK 0011223344AA");
    writeFileSync(csv, "dk\n0011223344AA\n");
    const one = await command(many);
    expect([one.status, one.out.at(-1)]).to.deep.equal([0, "1 row: 0 made now, 1 skipped, 0 refused, 0 left"]);
    writeFileSync(csv, 'dk\n""\n');
    const strange = await command([...many, "--json"]);
    expect([strange.status, strange.err.join()]).to.match(/2,.*labels are of another list/);
  });

  it("a list with a row that is wrong, and labels that cannot be added, are refused before a device is touched", async () => {
    const csv = join(folder, "wrong.csv");
    const argv = (list: string, labels: string): string[] => {
      return [
        "identity",
        "write",
        "--port",
        "/nowhere/tty",
        "--pk",
        "p1",
        "--ps-file",
        psFile,
        "--csv",
        list,
        "--labels",
        labels,
      ];
    };
    writeFileSync(csv, "dk,ds\nAAAA,\nBBBB,secr\u00e9t\nx,\n");
    const list = await command(argv(csv, join(folder, "new.csv")));
    expect([list.status, list.err.join()]).to.match(
      /2,.*wrong\.csv: 2 of 3 rows refused, nothing was written: row 2: ds .*; row 3: dk/,
    );
    expect(existsSync(join(folder, "new.csv"))).to.equal(false);
    writeFileSync(csv, "dk,ds\nAAAA,\n");
    const nowhere = await command(argv(csv, join(folder, "no", "such", "folder.csv")));
    expect([nowhere.status, nowhere.err.join()]).to.match(/2,.*labels cannot be added to .*nothing was written/);
    const full = await command(argv(csv, "/dev/full"));
    expect([full.status, full.err.join()]).to.match(/2,.*no regular file/);
    const secret = join(folder, "ds.txt");
    writeFileSync(secret, "a b");
    const ds = await command(write("--ds-file", secret));
    expect([ds.status, ds.err.join()]).to.match(/2,.*A DeviceSecret has 1-32 printable ASCII/);
  });

  it("recovers the label of a device whose label was lost", async () => {
    const lost = join(folder, "lost.csv");
    const argv = ["identity", "write", ...port(), "--pk", "p1ABCD", "--ps-file", psFile, "--labels", lost];
    await device.stop();
    await plug();
    await command(argv);
    const label = readFileSync(lost, "utf8");
    expect(label, "without --pop").to.match(/,WB-\w{4},,\s*$/);
    const qr = await command(["identity", "qr", "--labels", lost, "--json"]);
    expect(qr.out.join()).to.contain("WB-").and.not.contain("pop");
    writeFileSync(lost, "");
    const again = await command([...argv, "--json"]);
    expect(JSON.parse(again.out[0])).to.include({ event: "made", written: false });
    expect(readFileSync(lost, "utf8").trim().split("\n").at(-1)).to.equal(label.trim().split("\n").at(-1));
  });
});
