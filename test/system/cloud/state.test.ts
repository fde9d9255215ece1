/** The cloud's state on disk: what a restart, a crash and a second cloud find. */

import { fork } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import Database from "libsql";

import { startCloud } from "../../../sim/cloud/index.js";
import { UsageError } from "../../../sim/errors.js";
import * as protocol from "../../../src/codec/commands.js";
import { find } from "../../../src/codec/ttlv.js";
import { Bench, CODE, DK, OTHER, PS, request, SECRET, window, WORLD } from "../../support/cloud-bench.js";
import { connection, OURS } from "../../support/cloud-device.js";

const failure = (data: string): Promise<Error> =>
  startCloud({ ...WORLD, data }).then(
    async (cloud) => (await cloud.stop(), expect.fail("it should not have started")),
    (error: Error) => error,
  );

describe("the cloud's state", () => {
  let data: string;
  let bench: Bench;

  beforeEach(async () => {
    data = join(mkdtempSync(join(tmpdir(), "cloud-")), "state");
    bench = await Bench.start({ data });
  });

  afterEach(async () => {
    await bench.stop();
    rmSync(join(data, ".."), { recursive: true });
  });

  it("is for its owner only", () => {
    expect(statSync(data).mode & 0o777).to.equal(0o700);
    expect(statSync(join(data, "cloud.db")).mode & 0o777).to.equal(0o600);
  });

  it("survives a restart between any two steps of a binding", async () => {
    const device = await bench.device();
    const ds = await device.ds();
    const again = async (more = {}) => {
      await bench.restart();
      return bench.device({ password: connection(PS, ds), ...more });
    };
    await (await again()).report([[protocol.BINDING_SECRET, SECRET]]);
    const named = await again({ sdk: OURS });
    await named.report(window(CODE));
    await bench.restart();
    bench.time += 60_000;
    expect(await bench.code(request({ bindingCode: OTHER })), "it is away").to.equal(5460);
    await bench.restart();
    const answer = await bench.bind(request());
    expect(answer.code).to.equal(200);
    // Nobody was connected: the device is told after another restart, and keeps silent when it is asked again.
    const deaf = await again({ polite: false });
    await deaf.sealedKey();
    const last = await again();
    const result = await last.downlink(protocol.CMD_BINDING_RESULT);
    expect(find(result, protocol.RESULT_CODE)).to.equal(CODE);
    await bench.confirmed(last);
    expect(last.authKeys(PS)).to.deep.equal([(answer.data as { authKey: string }).authKey]);
    await last.report([[protocol.INFO_MODEL, "ESP32"]], protocol.CMD_INFO);
    const quiet = await again();
    await quiet.report([[protocol.STATUS_RSSI, -40]], protocol.CMD_STATUS);
    expect(quiet.downlinks).to.deep.equal([]);
    await bench.restart();
    expect(await bench.code(request())).to.equal(5049);
    const list = await bench.call("GET", "/v2/binding/enduserapi/userDeviceList", "token-one");
    expect(list.data).to.have.nested.property("list[0].deviceKey", DK);
    expect(list.data).to.have.nested.property("list[0].model", "ESP32");
    expect(list.data).to.have.nested.property("list[0].rssi", -40);
  });

  it("counts wrong tries over restarts", async () => {
    await bench.ready();
    for (let tries = 1; tries <= 5; tries++) {
      await bench.restart();
      expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(5460);
    }
    expect(bench.count("withdrawn")).to.equal(1);
    await bench.restart();
    expect(await bench.code(request())).to.equal(5461);
  });

  it("finds a window that ended while the cloud was down ended, and one that did not open", async () => {
    await bench.ready();
    await bench.stop();
    bench.time += 119_000;
    await bench.restart();
    expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(5460);
    await bench.stop();
    bench.time += 1000;
    await bench.restart();
    expect(await bench.code(request())).to.equal(5461);
  });

  it("is left alone by a second cloud, by one that is older, and where it cannot be written", async () => {
    const second = await failure(data);
    expect(second).to.be.instanceOf(UsageError);
    expect(second.message).to.match(/in use by another cloud/);
    await bench.stop();

    const database = new Database(join(data, "cloud.db"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    const before = readFileSync(join(data, "cloud.db"));
    expect((await failure(data)).message).to.match(/newer version/);
    expect(readFileSync(join(data, "cloud.db")).equals(before)).to.equal(true);

    expect((await failure("/dev/null/state")).message).to.match(/cannot keep state in/);
    rmSync(data, { recursive: true });
    await bench.restart();
  });

  it("is whole after kill -9 in the middle of traffic: what was acknowledged is there", async () => {
    await bench.stop();
    for (let round = 0; round < 5; round++) {
      const child = fork("test/system/cloud/victim.ts", [data], { execArgv: ["--import", "tsx"] });
      const said: { mqtt?: string; ds?: string; acknowledged?: number } = {};
      const wanted = 20 + 17 * round;
      await new Promise<void>((resolve) => {
        child.on("message", (message) => {
          Object.assign(said, message);
          if ((said.acknowledged ?? 0) >= wanted) child.kill("SIGKILL");
        });
        child.on("close", () => resolve());
      });
      bench.time = Date.now();
      await bench.restart();
      const device = await bench.device({ password: connection(PS, said.ds!) });
      await device.report([[protocol.INFO_FIRMWARE, "1"]], protocol.CMD_INFO);
      // The last code that was acknowledged, or the one after it, which may have been on its way.
      const codes = [said.acknowledged!, said.acknowledged! + 1].map((n) =>
        n.toString(16).toUpperCase().padStart(16, "0"),
      );
      const answers = [];
      for (const bindingCode of codes) answers.push(await bench.code(request({ bindingCode })));
      expect(answers, `killed after ${said.acknowledged}`).to.include(200);
      await bench.stop();
      rmSync(data, { recursive: true });
    }
    await bench.restart();
  }).timeout(60_000);
});

describe("a cloud without a directory", () => {
  it("leaves nothing", async () => {
    const bench = await Bench.start();
    await bench.ready();
    await bench.restart();
    expect(await bench.code(request())).to.equal(5460);
    await bench.stop();
    expect(existsSync("cloud.db")).to.equal(false);
  });
});
