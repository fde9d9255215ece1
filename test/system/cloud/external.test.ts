/** The cloud as a client of an existing broker: who is let in, what the devices are told, what a restart costs. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import type { ExternalBroker } from "../../../sim/cloud/index.js";
import * as protocol from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv, find } from "../../../src/codec/ttlv.js";
import { eventually, pause } from "../../unit/sim/emulator/harness.js";
import { FakeEmqx } from "../../support/emqx.js";
import { Bench, credentials, DK, OTHER, request, window } from "../../support/cloud-bench.js";
import { connection, type TestDevice } from "../../support/cloud-device.js";

const WRONG = connection("0".repeat(16), "x".repeat(32));

describe("a cloud behind an existing broker", () => {
  let broker: FakeEmqx;
  let bench: Bench;
  let folder: string;

  const nameHook = (): void => {
    broker.hook = `${bench.cloud.http}/mqtt/auth`;
  };

  const start = async (more: Partial<ExternalBroker> = {}): Promise<void> => {
    bench = await Bench.start({ data: folder, broker: { url: broker.url, username: "cloud", ...more } });
    if (more.verifies) nameHook();
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "cloud-"));
    broker = await FakeEmqx.start();
  });
  afterEach(async () => {
    await bench.stop();
    await broker.stop();
    rmSync(folder, { recursive: true });
  });

  /** A device that has reported a secret and a code, and has been heard. */
  const ready = async (): Promise<TestDevice> => {
    const one = await bench.ready();
    await eventually(() => bench.count("window") === 1);
    return one;
  };

  const resultOf = async (device: TestDevice): Promise<unknown> =>
    find(await device.downlink(protocol.CMD_BINDING_RESULT), protocol.RESULT_BOUND);

  describe("that asks about every client", () => {
    beforeEach(() => start({ verifies: true }));

    it("binds a device that has proved itself", async () => {
      const one = await ready();
      expect(await bench.code(request())).to.equal(200);
      expect(await resultOf(one)).to.equal(true);
      await bench.confirmed(one);
      await eventually(() => bench.events.at(-1)?.command === "00B7");
      expect(bench.events.map(({ event }) => event)).to.deep.equal([
        ...["connected", "authenticated", "reported", "window", "reported", "bindingCall", "bound"],
        ...["keySent", "keyConfirmed", "reported"],
      ]);
    });

    it("gives no DS to a stranger who takes an offline device's name, and hears 00A3 instead", async () => {
      const one = await ready();
      one.stop();
      await eventually(() => bench.count("disconnected") === 1);
      const stranger = await bench.device({ password: WRONG });
      expect(await stranger.configuration(protocol.CONFIG_REAUTHENTICATE)).to.equal("true");
      stranger.publishOn(`q/2/d/qdmulti${DK}/sys`, encodeFrame(1, protocol.CMD_BINDING, encodeTtlv(window(OTHER))));
      stranger.subscribeAgain();
      await pause(100);
      expect(stranger.downlinks.flatMap(({ nodes }) => nodes.map(([id]) => id))).not.to.include(protocol.CONFIG_DS);
      expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(5460);
    });

    it("does not forget whom it has refused when its own connection breaks", async () => {
      const one = await ready();
      one.stop();
      await eventually(() => bench.count("disconnected") === 1);
      const stranger = await bench.device({ password: WRONG });
      await stranger.downlink(protocol.CMD_CONFIG);
      broker.dropCloud();
      await stranger.downlink(protocol.CMD_INFO_READ);
      stranger.subscribeAgain();
      await stranger.report(window(OTHER));
      await pause(100);
      expect([bench.count("connected"), bench.count("window")]).to.deep.equal([1, 1]);
    });

    it("keeps a device's connection when a stranger uses its clientId", async () => {
      const one = await ready();
      const stranger = await bench.device({ password: WRONG });
      await stranger.until(() => stranger.closed);
      expect(stranger.downlinks).to.deep.equal([]);
      expect(bench.count("disconnected")).to.equal(0);
      expect(await bench.code(request())).to.equal(200);
      expect(await resultOf(one)).to.equal(true);
    });

    it("knows the newer of two connections of one device, whose older one the broker ends", async () => {
      const one = await ready();
      const again = await bench.device();
      await again.until(() => one.closed);
      expect(await again.ds()).not.to.equal(await one.ds());
      await again.report(credentials(OTHER));
      await eventually(() => bench.count("window") === 2);
      expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(200);
      expect(await resultOf(again)).to.equal(true);
    });

    it("goes on with the devices that have stayed connected over its own restart", async () => {
      const one = await ready();
      await bench.reopen();
      one.subscribeAgain();
      await one.report(window(OTHER));
      await eventually(() => bench.count("window") === 2);
      expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(200);
      expect(await resultOf(one)).to.equal(true);
      const deviceSecrets = one.downlinks.filter(({ nodes }) => find(nodes, protocol.CONFIG_DS) !== undefined);
      expect(deviceSecrets.length, "only its first DS").to.equal(1);
    });

    it("sends a device that has stayed, and that it has forgotten, to authenticate anew", async () => {
      const one = await ready();
      await bench.reopen({ data: undefined });
      nameHook();
      await one.report(window(OTHER));
      expect(await one.configuration(protocol.CONFIG_REAUTHENTICATE)).to.equal("true");
      const again = await bench.device();
      await again.ds();
      await again.report(credentials(OTHER));
      await eventually(() => bench.count("window") === 2);
      expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(200);
    });
  });

  describe("that asks about nobody", () => {
    beforeEach(() => start());

    it("gives a device its DS at each subscription, the same one", async () => {
      const one = await ready();
      one.stop();
      await eventually(() => bench.count("disconnected") === 1);
      expect(await (await bench.device({ password: WRONG })).ds()).to.equal(await one.ds());
    });

    it("gives the new DS when one was on its way", async () => {
      const one = await ready();
      await bench.configure({ ds: true });
      const sent = await one.configuration(protocol.CONFIG_NEW_DS);
      one.stop();
      await eventually(() => bench.count("disconnected") === 1);
      expect(await (await bench.device()).ds()).to.equal(sent);
    });

    it("repeats a result once, at the next connection: nobody has seen it arrive", async () => {
      const one = await ready();
      expect(await bench.code(request())).to.equal(200);
      expect(await resultOf(one)).to.equal(true);
      const second = await bench.device({ report: credentials(OTHER) });
      expect(await resultOf(second)).to.equal(true);
      const third = await bench.device({ report: credentials(OTHER) });
      await third.ds();
      await pause(100);
      expect(third.downlinks.map(({ cmd }) => cmd)).to.deep.equal([protocol.CMD_CONFIG]);
    });

    it("reaches a device that has stayed connected over a restart of the cloud once it has reported", async () => {
      const one = await ready();
      await bench.reopen();
      await one.report(credentials(OTHER));
      await eventually(() => bench.count("window") === 2);
      expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(200);
      expect(await resultOf(one)).to.equal(true);
    });

    it("finds a device that has stayed connected by a question that it answers", async () => {
      const one = await ready();
      for (const lose of [() => bench.reopen(), async () => broker.dropCloud()]) {
        const asked = (): number => one.downlinks.filter(({ cmd }) => cmd === protocol.CMD_INFO_READ).length;
        const before = asked();
        await lose();
        await one.until(() => asked() > before);
        await one.report([[protocol.INFO_MODEL, "ESP32"]], protocol.CMD_INFO_ANSWER);
        await eventually(async () => (await bench.configure({ status: true })).code === 200);
      }
    });

    it("takes nothing that the broker has kept from earlier times", async () => {
      await ready();
      const payload = Buffer.from(encodeFrame(1, protocol.CMD_BINDING, encodeTtlv(window(OTHER))), "latin1");
      await broker.publish(`q/2/d/qdmulti${DK}/sys`, payload, true);
      await eventually(() => bench.count("window") === 2);
      await bench.reopen();
      await pause(100);
      expect(bench.count("window")).to.equal(2);
    });
  });
});
