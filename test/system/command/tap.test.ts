/** `wifi-binding tap` between a device and the cloud, and between an app and the device; `decode` reads what it saved. */
import { expect } from "chai";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { LanSession } from "../../../sim/app/index.js";
import { Run, temporaryFolder } from "../../unit/tools/command/harness.js";

const PASSWORD = "a password for the tap";
const DEVICE = "127.66.0.1";
const APP_SIDE = "127.66.0.2";

interface Node {
  name?: string;
  secret?: true;
  mark?: number;
}
type Event = Record<string, unknown> & { event: string; frame?: Event; nodes?: Node[] };

describe("command: tap", () => {
  const folder = temporaryFolder();

  it("shows a device that is bound, on both of its sides, and decode reads what it has saved", async () => {
    const products = join(folder, "products.json");
    const [mqttFile, lanFile] = [join(folder, "mqtt.jsonl"), join(folder, "lan.jsonl")];
    const cloud = new Run("cloud", "--write-products", products);
    const { http, mqtt } = (await cloud.event("listening")) as Record<string, string>;
    const tap = new Run("tap", "--listen", "0", "--to", mqtt, "--save", mqttFile, "--json");
    const { url } = (await tap.event("listening")) as { url: string };
    const place = ["--products", products, "--host", DEVICE, "--dk", "A1B2C3D4E5F6"];
    const device = new Run("device", ...place, "--cloud", url, "--ap", `home:${PASSWORD}`);
    await device.line((line) => line.includes("A1B2C3D4E5F6"));

    const lan = new Run("tap", "--lan", DEVICE, "--host", APP_SIDE, "--save", lanFile, "--json");
    await lan.event("listening");
    const call = ["--device", APP_SIDE, "--cloud", http, "--products", products, "--ssid", "home"];
    const bind = new Run("bind", ...call, "--password", PASSWORD, "--show-auth-key", "--json");
    expect(await bind.status, bind.err.join()).to.equal(0);
    const { authKey } = bind.events().at(-1) as { authKey: string };
    const session = await LanSession.open(APP_SIDE, authKey);
    expect((await session.write([[43, true]])).result).to.equal(1);
    session.close();
    for (const run of [device, lan, tap, cloud]) expect(await run.stop(), run.err.join()).to.equal(0);

    const frames = (tap.events() as Event[]).flatMap(({ event, frame }) => (event === "mqtt" && frame ? [frame] : []));
    expect(frames.map(({ cmd }) => cmd)).to.include.members(["00B5", "00B4", "00B7", "0044"]);
    const lanFrames = (lan.events() as Event[]).filter(({ event }) => event === "frame");
    const commands = lanFrames.map(({ cmd }) => cmd);
    expect(commands).to.include.members(["7030", "7031", "7010", "7011", "7032", "7033", "7034", "7035"]);
    // Without the key, what is behind the login is closed.
    expect(lanFrames.filter(({ cmd }) => cmd === "0013").map(({ sealed }) => sealed)).to.deep.equal(["closed"]);

    expect(statSync(mqttFile).mode & 0o777).to.equal(0o600);
    const again = new Run("decode", mqttFile, "--json");
    expect(await again.status, again.err.join()).to.equal(0);
    const cmds = (again.events() as Event[]).flatMap(({ frame }) => (frame ? [frame.cmd] : []));
    expect(cmds).to.deep.equal(frames.map(({ cmd }) => cmd));

    const opened = new Run("decode", "--auth-key", authKey, lanFile, "--json");
    expect(await opened.status, opened.err.join()).to.equal(0);
    const written = (opened.events() as Event[]).find(({ cmd }) => cmd === "0013");
    expect(written).to.deep.include({ sealed: "opened", direction: "down" });
    expect(written!.nodes).to.deep.equal([{ id: 43, type: "bool", value: true, size: 0 }]);

    const { ps } = JSON.parse(readFileSync(products, "utf8")).products[0] as { ps: string };
    const printed = [tap, lan, again, opened].flatMap(({ out }) => out).join("\n");
    const hex = (text: string): string => Buffer.from(text).toString("hex").toUpperCase().match(/../g)!.join(" ");
    for (const secret of [PASSWORD, ps, authKey]) {
      expect(printed).not.to.contain(secret);
      expect(printed).not.to.contain(hex(secret));
    }
  });

  it("refuses what cannot be, in one sentence", async () => {
    const taken = join(folder, "mqtt.jsonl");
    const unused = join(folder, "unused.jsonl");
    const cases: [argv: string[], status: number, says: RegExp][] = [
      [["--listen", "0"], 2, /give either --to URL or --lan ADDRESS/],
      [["--to", "mqtt://127.0.0.1:1"], 2, /--listen/],
      [["--listen", "0", "--to", "http://127.0.0.1"], 2, /mqtt:\/\/127/],
      [["--listen", "0", "--to", "mqtt://127.0.0.1:1", "--insecure"], 2, /go with --to mqtts/],
      [["--listen", "0", "--to", "mqtt://127.0.0.1:1", "--save", taken], 2, /exists: give another path/],
      [["--listen", "0", "--to", "mqtt://127.0.0.1:1", "--save", "/none/x"], 2, /cannot be written/],
      [["--listen", "0", "--to", "mqtt://127.0.0.1:1", "--host", "192.0.2.1"], 2, /no address of this machine/],
      [["--listen", "0", "--to", "mqtts://127.0.0.1:1", "--ca", "/none"], 2, /there is no file/],
      [["--listen", "1884", "--to", "mqtt://127.0.0.1:1884", "--save", unused], 2, /port 1884 .* is the tap itself/],
      [["--listen", "1884", "--to", "mqtt://127.0.0.1:1", "--console", "1884"], 2, /ports of their own/],
    ];
    for (const [argv, status, says] of cases) {
      const run = new Run("tap", ...argv);
      expect(await run.status, argv.join(" ")).to.equal(status);
      expect(run.err).to.have.length(1);
      expect(run.err[0]).to.match(says);
    }
    // The next attempt can have the same file.
    expect(existsSync(unused)).to.equal(false);
  });
});
