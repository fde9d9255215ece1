/** How the device gets onto a network, on a clock and a radio that the test drives. */

import { expect } from "chai";

import * as protocol from "../../../../src/codec/commands.js";
import { createProvisioning, type Provisioning } from "../../../../src/lan/provisioning.js";
import { settingsOf } from "../../../../src/options.js";
import type { Hal } from "../../../../src/hal/hal.js";
import { openJournal, type Journal } from "../../../../src/storage/journal.js";
import { KEY_PASSWORD, KEY_SERVER, KEY_SSID } from "../../../../src/storage/keys.js";
import { checksum, FakeClock, MemoryFlash } from "../../../support/hal.js";
import { FakeWifi } from "../../../support/wifi.js";

const NEW = { ssid: "new", pass: "newpassword", url: "" };
const { STATE_IDLE, STATE_PROVISIONING, STATE_JOINING, STATE_CONNECTING } = protocol;

describe("provisioning", () => {
  let clock: FakeClock;
  let radio: FakeWifi;
  let journal: Journal;
  let told: unknown[];
  let provisioning: Provisioning;

  function create(seconds?: number, more: { reconnect?: boolean; password?: string } = {}): void {
    const hal = { ...clock, wifi: () => radio.wifi } as unknown as Hal;
    const settings = settingsOf(
      { server: "mqtt://cloud", provisioning: seconds, reconnect: more.reconnect },
      "ESP32",
      true,
    );
    provisioning = createProvisioning(hal, journal, settings, "WB-CE01", () => more.password ?? "", {
      state: (state, reason) => told.push(reason ? ["state", state, reason] : ["state", state]),
      finished: (reason) => told.push(["finished", reason]),
      connect: (url) => told.push(["connect", url]),
      disconnect: () => told.push("disconnect"),
      accessPointFailed: (error) => told.push(["ap", error]),
    });
  }

  beforeEach(() => {
    clock = new FakeClock();
    radio = new FakeWifi();
    journal = openJournal(new MemoryFlash(), checksum, 2, 14);
    told = [];
    create();
  });

  const save = (): void =>
    journal.put([
      [KEY_SSID, "saved"],
      [KEY_PASSWORD, "savedpassword"],
      [KEY_SERVER, "mqtt://saved"],
    ]);
  const saved = (): string[] => [KEY_SSID, KEY_PASSWORD, KEY_SERVER].map((key) => journal.text(key));

  /** What was told and what the radio was asked since the last call. */
  function since(): { told: unknown[]; radio: string[] } {
    return { told: told.splice(0), radio: radio.calls.splice(0) };
  }

  /** The network is left, a moment after that was told. */
  function settled(): void {
    clock.advance(50);
    since();
  }

  /** An app brings a network, which is joined a moment later. */
  function bring(credentials = NEW): void {
    expect(provisioning.pairing()).to.equal(true);
    provisioning.join(credentials);
    clock.advance(50);
  }

  /** An app has brought a network, and it is joined; nothing told yet. */
  function joined(credentials = NEW): void {
    provisioning.start();
    bring(credentials);
    radio.settle(null);
    clock.advance(50);
    since();
  }

  describe("with a saved network", () => {
    beforeEach(save);

    it("joins it and connects, without an access point", () => {
      provisioning.start();
      expect(since()).to.deep.equal({ told: [["state", STATE_JOINING]], radio: ["connect saved savedpassword"] });
      radio.settle(null);
      clock.advance(50);
      expect(since().told).to.deep.equal([
        ["state", STATE_CONNECTING],
        ["connect", "mqtt://saved"],
      ]);
    });

    it("tries for ever, after 2 s, then twice as long each time, up to a minute", () => {
      provisioning.start();
      const waits = [];
      for (let n = 0; n < 9; n++) {
        radio.settle("NO_AP_FOUND");
        expect(since().told.at(-1)).to.deep.equal(["state", STATE_JOINING, protocol.FAIL_NO_NETWORK]);
        const from = clock.now();
        while (!radio.calls.length) clock.advance(1000);
        waits.push((clock.now() - from) / 1000);
      }
      expect(waits).to.deep.equal([2, 4, 8, 16, 32, 60, 60, 60, 60]);
    });

    for (const [what, happens] of [
      ["it is to provision", () => provisioning.pair()],
      ["the network is gone", () => radio.emit("disconnected")],
    ] as const) {
      it(`does not connect any more when ${what} just before`, () => {
        provisioning.start();
        radio.settle(null);
        happens();
        clock.advance(1000);
        expect(since().told.filter((one) => Array.isArray(one) && one[0] === "connect")).to.deep.equal([]);
      });
    }

    it("starts with 2 s again after it was joined", () => {
      provisioning.start();
      for (const wait of [2000, 4000]) {
        radio.settle("NO_AP_FOUND");
        clock.advance(wait);
      }
      radio.settle(null);
      clock.advance(50);
      since();
      radio.emit("disconnected");
      expect(since().told).to.deep.equal(["disconnect", ["state", STATE_JOINING]]);
      clock.advance(1999);
      expect(since().radio).to.deep.equal([]);
      clock.advance(1);
      expect(since().radio).to.deep.equal(["connect saved savedpassword"]);
    });

    it("takes no other network unasked", () => {
      provisioning.start();
      expect([provisioning.pairing(), provisioning.active()]).to.deep.equal([false, false]);
      provisioning.join(NEW);
      clock.advance(1000);
      expect(radio.calls).to.deep.equal(["connect saved savedpassword"]);
    });

    it("goes back to it when nobody brings another", () => {
      provisioning.pair();
      settled();
      clock.advance(299_949);
      expect(since()).to.deep.equal({ told: [], radio: [] });
      clock.advance(1);
      expect(since()).to.deep.equal({
        told: [["state", STATE_JOINING]],
        radio: ["stopAP", "connect saved savedpassword"],
      });
    });

    it("keeps it until the cloud has the code over the new one", () => {
      provisioning.pair();
      bring({ ...NEW, url: "mqtt://new" });
      radio.settle(null);
      clock.advance(50);
      expect(saved()).to.deep.equal(["saved", "savedpassword", "mqtt://saved"]);
      provisioning.reported();
      expect(saved()).to.deep.equal(["new", "newpassword", "mqtt://new"]);
    });

    it("keeps it when the new one fails", () => {
      provisioning.pair();
      bring(NEW);
      radio.settle("AUTH_FAIL");
      expect(saved()).to.deep.equal(["saved", "savedpassword", "mqtt://saved"]);
    });

    it("forgets its server when the new one comes without", () => {
      provisioning.pair();
      bring(NEW);
      radio.settle(null);
      provisioning.reported();
      expect(saved()).to.deep.equal(["new", "newpassword", ""]);
    });
  });

  describe("without a network", () => {
    it("opens the access point, and gives up after the time that was chosen", () => {
      create(180);
      provisioning.start();
      expect(since()).to.deep.equal({
        told: ["disconnect", ["state", STATE_PROVISIONING]],
        radio: ["startAP WB-CE01"],
      });
      clock.advance(50);
      expect(since()).to.deep.equal({ told: [], radio: ["disconnect"] });
      clock.advance(179_950);
      expect(since()).to.deep.equal({ told: [["state", STATE_IDLE]], radio: ["stopAP"] });
      expect(provisioning.pairing()).to.equal(false);
    });

    it("waits for ever where that was chosen", () => {
      create(0xffff);
      provisioning.start();
      settled();
      clock.advance(7 * 86_400_000);
      expect(since()).to.deep.equal({ told: [], radio: [] });
    });

    it("says when the access point cannot be opened", () => {
      radio.accessPointError = "no memory";
      provisioning.start();
      expect(told).to.deep.include(["ap", "no memory"]);
    });
  });

  describe("with what an app brings", () => {
    it("lets the answer leave before the radio is busy, then joins and connects", () => {
      provisioning.start();
      settled();
      provisioning.join({ ...NEW, url: "mqtt://new" });
      expect(since()).to.deep.equal({ told: [], radio: [] });
      expect([provisioning.pairing(), provisioning.active()]).to.deep.equal([false, true]);
      clock.advance(50);
      expect(since()).to.deep.equal({ told: [["state", STATE_JOINING]], radio: ["connect new newpassword"] });
      radio.settle(null);
      clock.advance(50);
      expect(since().told).to.deep.equal([
        ["state", STATE_CONNECTING],
        ["connect", "mqtt://new"],
      ]);
    });

    it("takes no other network meanwhile, neither before nor while it joins and connects", () => {
      provisioning.start();
      provisioning.join(NEW);
      for (let n = 0; n < 3; n++) {
        expect([provisioning.pairing(), provisioning.active()]).to.deep.equal([false, true]);
        clock.advance(50);
        if (n === 1) radio.settle(null);
      }
      expect(since().radio.at(-1)).to.equal("connect new newpassword");
    });

    it("begins to pair anew when the owner wants that, and forgets what was under way", () => {
      for (const stage of [0, 1, 2]) {
        provisioning.start();
        provisioning.pair();
        provisioning.join(NEW);
        if (stage) clock.advance(50);
        if (stage > 1) radio.settle(null);
        provisioning.pair();
        expect([provisioning.pairing(), provisioning.active()]).to.deep.equal([true, false]);
        settled();
        if (stage === 1) radio.settle(null);
        provisioning.reported();
        provisioning.cloudFailed(protocol.FAIL_CLOUD_REFUSED, true);
        expect([since().told, saved()[0]]).to.deep.equal([[], ""]);
      }
    });

    it("does not give up waiting while an attempt is under way", () => {
      provisioning.start();
      clock.advance(299_000);
      bring();
      since();
      clock.advance(10_000);
      expect(since()).to.deep.equal({ told: [], radio: [] });
    });

    it("keeps the access point for a minute after success", () => {
      joined();
      provisioning.reported();
      expect(since()).to.deep.equal({ told: [["finished", 0]], radio: [] });
      expect(provisioning.active()).to.equal(false);
      clock.advance(59_999);
      expect(since().radio).to.deep.equal([]);
      clock.advance(1);
      expect(since().radio).to.deep.equal(["stopAP"]);
    });

    it("succeeds once", () => {
      joined();
      provisioning.reported();
      provisioning.reported();
      expect(since().told).to.deep.equal([["finished", 0]]);
    });

    it("does not close the access point on an attempt that follows a success at once", () => {
      joined();
      provisioning.reported();
      provisioning.pair();
      settled();
      clock.advance(60_000);
      expect(since().radio).to.deep.equal([]);
    });

    /** Failed, and waiting for the next try with the access point still open. */
    function expectFailure(reason: number): void {
      expect(since().told.slice(-3)).to.deep.equal([
        ["finished", reason],
        "disconnect",
        ["state", STATE_PROVISIONING, reason],
      ]);
      expect(radio.calls).not.to.include("stopAP");
      expect([provisioning.active(), saved()[0]]).to.deep.equal([false, ""]);
      expect(provisioning.pairing()).to.equal(true);
    }

    it("says that the password is wrong, and waits for another", () => {
      provisioning.start();
      bring(NEW);
      radio.settle("AUTH_FAIL");
      expectFailure(protocol.FAIL_PASSWORD);
    });

    it("gives the cloud 45 s", () => {
      joined();
      clock.advance(44_000);
      expect(provisioning.active()).to.equal(true);
      clock.advance(1_000);
      expectFailure(protocol.FAIL_CLOUD_UNREACHABLE);
    });

    it("gives the last reason that was heard, when that time is over", () => {
      joined();
      provisioning.cloudFailed(protocol.FAIL_REPORT, false);
      expect(provisioning.active()).to.equal(true);
      clock.advance(45_000);
      expectFailure(protocol.FAIL_REPORT);
    });

    it("fails at once where waiting is of no use", () => {
      joined();
      provisioning.cloudFailed(protocol.FAIL_CLOUD_REFUSED, true);
      expectFailure(protocol.FAIL_CLOUD_REFUSED);
    });

    it("fails when the network is lost under way", () => {
      joined();
      radio.emit("disconnected");
      expectFailure(protocol.FAIL_CLOUD_UNREACHABLE);
    });

    it("does not count a failure of the cloud once it has succeeded", () => {
      joined();
      provisioning.reported();
      provisioning.cloudFailed(protocol.FAIL_CLOUD_REFUSED, true);
      clock.advance(45_000);
      expect(since().told).to.deep.equal([["finished", 0]]);
    });
  });

  it("waits for a command when nobody came and the options want that, although there is a saved network", () => {
    save();
    create(180, { reconnect: false });
    provisioning.pair();
    told = [];
    clock.advance(180_000);
    expect(told).to.deep.equal([["state", STATE_IDLE]]);
    expect(radio.calls.at(-1)).to.equal("stopAP");
  });

  describe("the time of pairing", () => {
    beforeEach(() => {
      save();
      provisioning.pair();
      settled();
    });

    it("goes on while an attempt fails, and ends in the saved network", () => {
      clock.advance(200_000);
      bring();
      radio.settle("AUTH_FAIL");
      expect(provisioning.pairing()).to.equal(true);
      settled();
      clock.advance(99_800);
      expect(since().told).to.deep.equal([]);
      clock.advance(100);
      expect(since()).to.deep.equal({
        told: [["state", STATE_JOINING]],
        radio: ["stopAP", "connect saved savedpassword"],
      });
    });

    it("that is over by then ends in the saved network at once", () => {
      clock.advance(299_000);
      bring();
      clock.advance(14_000);
      expect(provisioning.active()).to.equal(true);
      clock.advance(1_000);
      expect(since().radio.at(-1)).to.equal("connect saved savedpassword");
    });

    it("begins anew with the button", () => {
      clock.advance(200_000);
      provisioning.pair();
      settled();
      clock.advance(299_900);
      expect([provisioning.pairing(), since()]).to.deep.equal([true, { told: [], radio: [] }]);
    });
  });

  describe("knows a network", () => {
    const SAVED = { ssid: "saved", pass: "savedpassword", url: "" };
    const OTHERS = [
      { ...SAVED, ssid: "save" },
      { ...SAVED, pass: "savedpasswort" },
      { ...SAVED, pass: "" },
    ];

    it("that is saved, whatever the server, while it is on it or looks for it", () => {
      save();
      provisioning.start();
      for (let n = 0; n < 2; n++) {
        expect(provisioning.known(SAVED)).to.equal(true);
        expect(provisioning.known({ ...SAVED, url: "mqtt://elsewhere" })).to.equal(true);
        for (const other of OTHERS) expect(provisioning.known(other)).to.equal(false);
        radio.settle(null);
      }
      provisioning.pair();
      expect(provisioning.known(SAVED)).to.equal(false);
    });

    it("that is under way, with its server, and the same once it is saved", () => {
      provisioning.start();
      provisioning.join(NEW);
      for (let n = 0; n < 2; n++) {
        expect(provisioning.known(NEW)).to.equal(true);
        expect(provisioning.known({ ...NEW, url: "mqtt://elsewhere" })).to.equal(false);
        expect(provisioning.known({ ...NEW, ssid: "other" })).to.equal(false);
        clock.advance(50);
        if (!n) radio.settle(null);
      }
      provisioning.reported();
      expect(provisioning.known(NEW)).to.equal(true);
      expect(provisioning.known({ ...NEW, pass: "otherpassword" })).to.equal(false);
    });

    it("none while it rests", () => {
      expect(provisioning.known({ ...SAVED, ssid: "", pass: "" })).to.equal(false);
    });
  });
});
