/** The device as a Wi-Fi station: why a network could not be joined, and when it is gone. */

import { expect } from "chai";

import { FAIL_NO_ADDRESS, FAIL_NO_NETWORK, FAIL_PASSWORD } from "../../../../src/codec/commands.js";
import { createStation, type Station } from "../../../../src/lan/station.js";
import type { Hal } from "../../../../src/hal/hal.js";
import { FakeClock } from "../../../support/hal.js";
import { FakeWifi } from "../../../support/wifi.js";

describe("the station", () => {
  let clock: FakeClock;
  let radio: FakeWifi;
  let told: unknown[];
  let station: Station;

  beforeEach(() => {
    clock = new FakeClock();
    radio = new FakeWifi();
    told = [];
    const hal = { ...clock, wifi: () => radio.wifi } as unknown as Hal;
    station = createStation(hal, () => told.push("lost"));
  });

  const join = (name = "home"): void => station.join(name, "password", (problem) => told.push([name, problem]));

  it("joins with the name and password that it is given", () => {
    join();
    radio.settle(null);
    expect(radio.calls).to.deep.equal(["connect home password"]);
    expect(told).to.deep.equal([["home", 0]]);
  });

  for (const [reason, problem] of [
    ["4WAY_HANDSHAKE_TIMEOUT", FAIL_PASSWORD],
    ["HANDSHAKE_TIMEOUT", FAIL_PASSWORD],
    ["AUTH_FAIL", FAIL_PASSWORD],
    ["AUTH_EXPIRE", FAIL_PASSWORD],
    ["MIC_FAILURE", FAIL_PASSWORD],
    ["NO_AP_FOUND", FAIL_NO_NETWORK],
    ["BEACON_TIMEOUT", FAIL_NO_NETWORK],
    ["ASSOC_FAIL", FAIL_NO_NETWORK],
  ] as const) {
    it(`takes ${reason} for problem ${problem}`, () => {
      join();
      radio.settle(reason);
      expect(told).to.deep.equal([["home", problem]]);
    });
  }

  it("gives a silent radio 15 s", () => {
    join();
    clock.advance(14_999);
    expect(told).to.deep.equal([]);
    clock.advance(1);
    expect(told).to.deep.equal([["home", FAIL_NO_NETWORK]]);
    expect(radio.calls.at(-1)).to.equal("disconnect");
  });

  it("knows that it was the address that was missing, when the access point had let it in", () => {
    join();
    radio.emit("associated");
    clock.advance(15_000);
    expect(told).to.deep.equal([["home", FAIL_NO_ADDRESS]]);
  });

  it("tells the end of an attempt once, whatever the radio says later", () => {
    join();
    clock.advance(15_000);
    radio.settle(null);
    radio.emit("disconnected");
    clock.advance(60_000);
    expect(told).to.have.length(1);
  });

  it("does not take the end of one attempt for that of the next", () => {
    join("first");
    join("second");
    radio.settle("AUTH_FAIL", 0);
    clock.advance(14_000);
    expect(told).to.deep.equal([]);
    radio.settle(null, 1);
    expect(told).to.deep.equal([["second", 0]]);
  });

  it("notices once that a network is gone, and only one that was joined", () => {
    radio.emit("disconnected");
    join();
    radio.emit("disconnected");
    expect(told).to.deep.equal([]);
    radio.settle(null);
    radio.emit("disconnected");
    radio.emit("disconnected");
    expect(told).to.deep.equal([["home", 0], "lost"]);
  });

  it("leaves without a word", () => {
    join();
    radio.settle(null);
    station.leave();
    expect(radio.calls).not.to.include("disconnect");
    clock.advance(50);
    radio.emit("disconnected");
    join("other");
    station.leave();
    radio.settle(null);
    clock.advance(60_000);
    expect(told).to.deep.equal([["home", 0]]);
    expect(radio.calls.filter((call) => call === "disconnect")).to.have.length(2);
  });

  it("does not leave the network that it was sent to a moment later", () => {
    station.leave();
    join();
    clock.advance(1000);
    expect(radio.calls).not.to.include("disconnect");
  });
});
