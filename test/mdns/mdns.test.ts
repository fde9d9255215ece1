/** The mDNS module in the emulator, asked by a real client (multicast-dns), and by plain DNS. */

import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";

import { expect } from "chai";

import { Bench } from "./bench.js";
import { eventually, pause } from "../emulator/harness.js";

const SERVICE = "_wifi-binding._udp.local";

describe("mDNS in the emulator", function () {
  this.timeout(20_000);
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.start(readFileSync("build/WifiBindingMdns.min.js", "latin1"));
  });

  afterEach(() => bench.stop());

  it("announces the device twice when it has a network, tells its changes, and says good-bye", async () => {
    await eventually(() => bench.heard(SERVICE).length >= 2);
    expect(bench.heard(SERVICE).map(({ ttl }) => ttl)).to.deep.equal([4500, 4500]);
    await eventually(() => bench.texts().some((text) => text.includes("st=5")));
    await bench.device.eval("(require('WifiBindingMdns').stop(), 1)");
    await eventually(() => bench.heard(SERVICE).some(({ ttl }) => ttl === 0));
    const before = bench.heard(SERVICE).length;
    bench.client.query(SERVICE, "PTR");
    await pause(300);
    expect(bench.heard(SERVICE).length).to.equal(before);
  });

  it("answers a real client", async () => {
    await eventually(() => bench.heard(SERVICE).length >= 2);
    const before = bench.heard(SERVICE).length;
    bench.client.query(SERVICE, "PTR");
    await eventually(() => bench.heard(SERVICE).length > before);
    expect(bench.texts().at(-1)).to.match(/pk=.*,dk=MDNS12345678,cap=3,st=\d,v=1/);
    expect(bench.addresses()).to.include(bench.device.host);
  });

  it("answers ten times a second at most, and comes back after datagrams of no length", async () => {
    await eventually(() => bench.heard(SERVICE).length >= 2);
    const socket = createSocket("udp4");
    for (let n = 0; n < 10; n++) socket.send(Buffer.alloc(0), 5353, bench.device.host);
    await pause(1500);
    const before = bench.heard(SERVICE).length;
    for (let n = 0; n < 100; n++) bench.client.query(SERVICE, "PTR");
    await pause(400);
    expect(bench.heard(SERVICE).length - before).to.be.within(1, 20);
    socket.close();
  });
});
