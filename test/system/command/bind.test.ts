/** `bind` and `discover` with fake devices: choosing, asking, secrets, the end in every case. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { find } from "../../../src/codec/ttlv.js";
import { encodeLabel } from "../../../tools/factory/label.js";
import { CODE, DK, FakeDevice, PK, type Request } from "../../unit/sim/app/fake-device.js";
import { keyOf } from "../../unit/sim/app/fake-level1.js";
import { Person, Run, temporaryFolder } from "../../unit/tools/command/harness.js";

const POP = "7KQ2MZ4XPRT9WHB3E";
const PASSWORD = "correct horse";
const TOKEN = "token-of-the-user";
const OTHER = "A1B2C3D4E5F7";
const LABEL = encodeLabel({ pk: PK, dk: DK, pop: POP, ssid: "WB-0001" });
const DATA = { authKey: "AAECAwQFBgcICQoLDA0ODw==", bindingMode: 1, productLogo: "", productName: "Lamp" };

describe("command: bind", () => {
  const folder = temporaryFolder();
  const device = new FakeDevice("127.68.0.1");
  const other = new FakeDevice("127.68.0.2");
  const both = ["--device", device.address, "--device", other.address];
  let server: Server;
  let base: string[] = [];
  let given: { ssid?: unknown; password?: unknown } = {};
  /** What the cloud answers. */
  let answer: { code: number; data: typeof DATA | null };
  const runs: Run[] = [];

  const start = (...argv: (string | Person)[]): Run => {
    const run = new Run("bind", ...base, ...argv);
    runs.push(run);
    return run;
  };
  const bind = async (...argv: (string | Person)[]): Promise<Run> => {
    const run = start(...argv);
    await run.status;
    return run;
  };

  before(async () => {
    await Promise.all([device.start(), other.start()]);
    server = createServer((_, response) => response.end(JSON.stringify({ ...answer, msg: "", extMsg: "" })));
    await once(server.listen(0, "127.0.0.1"), "listening");
    base = ["--cloud", `http://127.0.0.1:${(server.address() as AddressInfo).port}`, "--token", TOKEN];
  });
  after(async () => {
    await Promise.all([device.stop(), other.stop()]);
    server.close();
    server.closeAllConnections();
    const printed = runs.flatMap((run) => [...run.out, ...run.err]).join("\n");
    expect(runs.length).to.be.greaterThan(10);
    for (const secret of [POP, PASSWORD, TOKEN, CODE, DATA.authKey]) expect(printed).to.not.contain(secret);
  });
  beforeEach(() => {
    device.key = undefined;
    device.wait = 0;
    other.dk = OTHER;
    answer = { code: 200, data: DATA };
    given = {};
    device.onRequest = (request) => {
      if (request.cmd === protocol.CMD_SCAN) {
        const names = ["home", "gue\x1b[2Jsts", ""].map((name): [number, string] => [0, name]);
        return request.answer(protocol.CMD_SCAN_ANSWER, [[protocol.SCAN_NAMES, names]]);
      }
      const [ssid, password] = [protocol.WIFI_SSID, protocol.WIFI_PASSWORD].map((id) => find(request.nodes, id));
      given = { ssid, password };
      request.accept();
      if (request.sealed) request.progress(protocol.PROGRESS_ROUTER);
    };
  });

  it("names the candidates where nobody can be asked, and takes the one of --dk", async () => {
    const run = await bind(...both, "--ssid", "home", "--json");
    expect(await run.status).to.equal(2);
    expect(run.err.join()).to.contain("by --dk").and.contain(DK).and.contain(OTHER).and.contain(other.address);
    expect(run.events().filter(({ event }) => event === "found")).to.have.length(2);
    const chosen = await bind(...both, "--dk", DK, "--ssid", "home", "--json");
    expect(chosen.events().at(-1)).to.include({ event: "answer", code: 200, dk: DK });
  });

  it("asks a person for the device, the network and its password, and shows how far it is", async () => {
    const person = new Person([0, 0, "short", PASSWORD]);
    const run = await bind(...both, person);
    expect(await run.status, run.err.join()).to.equal(0);
    expect(person.questions).to.have.length(4);
    expect(person.questions[0]).to.contain(`Which device? ${DK}`).and.contain(OTHER);
    expect(person.questions[1]).to.equal("Which network? home|gue\ufffd[2Jsts");
    expect(given).to.deep.equal({ ssid: "home", password: PASSWORD });
    expect(person.statuses).to.include("looking for the device");
    expect(person.statuses.some((text) => /^█+░+ {2}the device joins the network/.test(text))).to.equal(true);
    expect(person.statuses.at(-1)).to.equal("");
  });

  it("takes a name that a person types, of a hidden network say, and no password for an open one", async () => {
    await bind("--device", device.address, new Person(["hidden network", PASSWORD]));
    expect(given).to.deep.equal({ ssid: "hidden network", password: PASSWORD });
    await bind("--device", device.address, new Person([1, ""]));
    expect(given).to.deep.equal({ ssid: "gue\x1b[2Jsts", password: "" });
    const nothing = new Person([]);
    const run = await bind("--device", device.address, "--ssid", "home", "--password", PASSWORD, nothing);
    expect([await run.status, ...nothing.questions]).to.deep.equal([0]);
  });

  it("asks for the name where the device sees no network, or does not look for any", async () => {
    const scan = device.onRequest;
    device.onRequest = (request) =>
      request.cmd === protocol.CMD_SCAN ? request.answer(protocol.CMD_SCAN_ANSWER) : scan(request);
    const person = new Person(["home", PASSWORD]);
    expect(await (await bind("--device", device.address, person)).status).to.equal(0);
    expect(person.questions[0]).to.equal("Which network? ");
  });

  it("a device that is not in pairing mode: says how to bring it there, with the state of the vendor's SDK", async () => {
    device.onRequest = (request) => request.answer(protocol.CMD_PROVISION_ANSWER);
    const run = await bind("--device", device.address, "--ssid", "home", "--json");
    expect(await run.status).to.equal(1);
    expect(run.err[0]).to.contain("not in pairing mode").and.contain("button for 5 s");
    const state = { state: 304, stateText: "no bindingCode from the device in time" };
    expect(run.events().at(-1)).to.include({ event: "failed", code: 8, ...state });
  });

  it("a device that never comes to the cloud: says what to check", async () => {
    answer = { code: 5460, data: null };
    const run = await bind("--device", device.address, "--ssid", "home", "--json", "--timeout", "1");
    expect(await run.status).to.equal(1);
    expect(run.err[0]).to.contain("5460").and.contain("check the Wi-Fi password");
    expect(run.events().at(-1)).to.include({ event: "answer", code: 5460, state: 306, stateText: "not bound" });
  });

  it("a bound device that its user moves to another network: that is done, and no failure", async () => {
    answer = { code: 5049, data: null };
    const run = await bind("--device", device.address, "--ssid", "home", "--password", PASSWORD);
    expect(await run.status).to.equal(0);
    expect(run.out.at(-1)).to.contain("bound to this user as before");
    const code = await bind("--device", device.address, "--code", CODE);
    expect(await code.status, "where nothing was done for it").to.equal(1);
  });

  it("the authKey is in the last object where it is asked for by name, and nowhere else", async () => {
    const call = ["--device", device.address, "--ssid", "home", "--json"];
    const shown = new Run("bind", ...base, ...call, "--show-auth-key");
    expect(await shown.status).to.equal(0);
    expect(shown.events().at(-1)).to.include({ event: "answer", state: 305, authKey: DATA.authKey });
    const hidden = await bind(...call);
    expect(hidden.events().at(-1)).to.not.have.property("authKey");
  });

  it("asks nobody in JSON", async () => {
    const person = new Person([]);
    const run = await bind("--device", device.address, "--json", person);
    expect([await run.status, ...person.questions, ...person.statuses]).to.deep.equal([2]);
    expect(run.events().at(-1)).to.include({ event: "failed" });
    expect(run.err[0]).to.contain("give the SSID");
  });

  it("reads the password from a file", async () => {
    const file = join(folder, "wifi.txt");
    writeFileSync(file, `${PASSWORD}\n`);
    await bind("--device", device.address, "--ssid", "home", "--password-file", file);
    expect(given).to.deep.equal({ ssid: "home", password: PASSWORD });
    const none = await bind("--device", device.address, "--ssid", "home", "--password-file", join(folder, "none"));
    expect([await none.status, none.err.length]).to.deep.equal([2, 1]);
    expect(none.err[0]).to.contain("there is no file");
  });

  describe("a device with a proof on its label", () => {
    const network = ["--ssid", "home", "--password", PASSWORD];
    beforeEach(() => {
      device.key = keyOf(POP);
    });

    for (const way of ["--qr", "--qr file", "--pop", "--pop-file"]) {
      it(`proves what ${way} gives`, async () => {
        const file = join(folder, way.replace(/\W/g, ""));
        writeFileSync(file, way.startsWith("--qr") ? `${LABEL}\n` : `${POP}\n`);
        const value = { "--qr": LABEL, "--pop": POP }[way] ?? file;
        const where = way.startsWith("--qr") ? both : ["--device", device.address];
        const run = await bind(...where, ...network, way.split(" ")[0], value);
        expect(await run.status, run.err.join()).to.equal(0);
      });
    }

    it("says what is missing, and asks a person for it", async () => {
      const served = device.onRequest;
      device.onRequest = (request) =>
        request.sealed
          ? served(request)
          : request.answer(protocol.CMD_PROVISION_ANSWER, [[protocol.PROVISION_OK, false]]);
      const run = await bind("--device", device.address, ...network, "--json");
      expect(await run.status).to.equal(1);
      expect(run.err[0]).to.contain("proof of possession needed");
      expect(run.events().at(-1)).to.include({ event: "failed", state: 313 });
      const person = new Person([POP]);
      expect(await (await bind("--device", device.address, ...network, person)).status).to.equal(0);
      expect(person.questions).to.deep.equal(["Proof of possession on the device's label:"]);
    });

    it("tells how long a device does not listen", async () => {
      device.wait = 45;
      const run = await bind("--device", device.address, ...network, "--pop", POP, "--json");
      expect(run.events().at(-1)).to.include({ event: "failed", wait: 45 });
      expect(run.err[0]).to.contain("again in 45 s");
    });

    it("says who else is there when the device of the label is not, and which access point to join", async () => {
      const away = encodeLabel({ pk: PK, dk: "NOTTHERE", pop: POP, ssid: "WB-HERE" });
      const run = await bind(...both, ...network, "--qr", away);
      expect(await run.status).to.equal(1);
      expect(run.err[0]).to.contain("no device NOTTHERE").and.contain(OTHER).and.contain("WB-HERE");
    });

    for (const [what, argv] of Object.entries({
      "a proof that is too short": ["--pop", "short-short"],
      "a label that is none": ["--qr", "WB:short-short"],
      "a label without a DK": ["--qr", 'WB:{"v":1,"pk":"p1","pop":"short-short-short","ssid":"x"}'],
      "an authKey that is none": ["--auth-key", "short-short"],
    })) {
      it(`refuses ${what} without repeating it`, async () => {
        const run = await bind("--device", device.address, ...network, ...argv);
        expect([await run.status, run.err.length]).to.deep.equal([2, 1]);
        expect(run.err[0]).to.not.contain("short-short");
      });
    }
  });

  for (let code = 1; code <= 11; code++) {
    it(`ends failure ${code} of a device that tells it with words, advice and one JSON object`, async () => {
      answer = { code: 5460, data: null };
      device.key = keyOf(POP);
      device.onRequest = (request: Request) => {
        request.accept();
        request.fail(code);
      };
      const run = await bind("--device", device.address, "--ssid", "home", "--pop", POP, "--json");
      expect(await run.status).to.equal(1);
      const last = run.events().at(-1)!;
      expect(last).to.include({ event: "failed", code });
      expect(last.message).to.contain(`${last.reason} (code ${code}): `);
      expect(run.err).to.deep.equal([`wifi-binding: ${last.message}`]);
    });
  }

  it("ends at once when it is interrupted", async () => {
    answer = { code: 5460, data: null };
    const run = start("--device", device.address, "--ssid", "home", "--json");
    await run.event("step");
    expect(await run.stop()).to.equal(130);
    expect(run.events().at(-1)).to.deep.equal({ event: "failed", message: "interrupted" });
    expect(run.err).to.deep.equal([]);
  });

  it("discover lists each device as soon as it answers", async () => {
    const person = new Person([]);
    const run = new Run("discover", ...both, "--timeout", "1", person);
    await run.line((line) => line.includes(OTHER));
    expect(person.statuses).to.include("listening for 1 s");
    expect(await run.status).to.equal(0);
    expect(run.out).to.have.length(2);
    expect(person.statuses.at(-1)).to.equal("");
  });
});
