/** Updates through the cloud, by a device that does what the vendor's SDK does. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import type { Node } from "../../../src/codec/ttlv.js";
import { Bench, DK, PS, type Answer } from "../../support/cloud-bench.js";
import { connection, OURS } from "../../support/cloud-device.js";
import { download, SdkDevice } from "../../support/sdk-device.js";
import { IMAGE, SIGNED, unsigned } from "../../support/updates.js";

interface Told extends Omit<Answer, "data"> {
  data: { id: string; counts: Record<string, number>; devices: { dk: string; state: string; loaded: number }[] };
}

describe("an update through the cloud", () => {
  let bench: Bench;
  const connected: SdkDevice[] = [];
  const dss = new Map<string, string>();

  beforeEach(async () => {
    bench = await Bench.start();
    dss.clear();
  });
  afterEach(async () => {
    for (const { mqtt } of connected.splice(0)) mqtt.stop();
    await bench.stop();
  });

  const push = async (query = "", bytes = unsigned("multi")): Promise<Told> => {
    const headers = { "content-type": "application/octet-stream" };
    const body = new Uint8Array(bytes);
    const response = await fetch(`${bench.cloud.http}/dev/updates${query}`, { method: "POST", headers, body });
    return (await response.json()) as Told;
  };
  const look = async (id: string) => ((await bench.call("GET", `/dev/updates/${id}`, "")) as unknown as Told).data;

  /** Connects a device, again with the DS that it has been given. */
  const device = async (version = "1.0.0", dk = DK, more = {}): Promise<SdkDevice> => {
    const ds = dss.get(dk);
    const password = ds && connection(PS, ds);
    const one = await SdkDevice.connect(bench.cloud.mqtt, { pk: "multi", ps: PS, dk, password }, version, more);
    if (!ds) dss.set(dk, await one.mqtt.ds());
    connected.push(one);
    return one;
  };

  it("goes the way of the SDK: 0111, consent, 0113, download, reboot, success", async () => {
    const before = await device();
    const { data, code } = await push();
    expect(code).to.equal(200);
    expect(await before.nth(protocol.CMD_UPDATE_TASK, 1)).to.deep.equal([
      [protocol.UPDATE_COMPONENT, "module"],
      [protocol.UPDATE_SOURCE, "1.0.0app1"],
      [protocol.UPDATE_TARGET, "1.1.0"],
      [protocol.UPDATE_TYPE, 0],
      [protocol.UPDATE_SPACE, IMAGE.length],
    ] satisfies Node[]);
    const place = await before.consent();
    // A device of the vendor's SDK knows of no manifest.
    expect(await before.install(place)).to.deep.equal(IMAGE);
    before.mqtt.stop();
    const after = await device("1.1.0", DK, { component: "module" });
    await after.state(protocol.UPDATE_DONE, [[protocol.UPDATE_VERSION, "1.1.0"]]);
    expect(bench.count("updated")).to.equal(1);
    const { counts, devices } = await look(data.id);
    expect(counts).to.deep.equal({ updated: 1 });
    expect(devices[0].loaded).to.equal(IMAGE.length);
    after.mqtt.stop();
    const later = await device("1.1.0");
    await push();
    await later.mqtt.tellUpdate([[protocol.UPDATE_VERSION, "1.1.0"]], protocol.CMD_UPDATE_ASK);
    expect([after, later].map((one) => one.times(protocol.CMD_UPDATE_TASK))).to.deep.equal([0, 0]);
    expect(bench.count("updateOffered")).to.equal(1);
  });

  it("gives a device of this project the signed file, by Range and as a whole", async () => {
    const ours = await device("1.0.0", DK, { sdk: OURS });
    const file = unsigned("multi");
    await push();
    const { url, size } = await ours.consent();
    expect(size).to.equal(file.length);
    const part = await fetch(url, { headers: { range: "bytes=8000-" } });
    expect(part.status).to.equal(206);
    expect(part.headers.get("content-range")).to.equal(`bytes 8000-${file.length - 1}/${file.length}`);
    expect(Buffer.from(await part.arrayBuffer())).to.deep.equal(file.subarray(8000));
    expect(Buffer.from(await (await fetch(url)).arrayBuffer())).to.deep.equal(file);
    expect((await fetch(url, { headers: { range: `bytes=${file.length}-` } })).status).to.equal(416);
    expect((await fetch(url.replace(DK, "NOBODY"))).status).to.equal(404);
    const { head } = await download({ url, size: 100, md5: "" });
    expect(head)
      .to.match(/^HTTP\/1\.1 206 /)
      .and.include("\r\nContent-Length: 100\r\n");
  });

  it("ends with a refusal, and is tried again when the operator says so", async () => {
    const one = await device();
    const { data } = await push();
    await one.nth(protocol.CMD_UPDATE_TASK, 1);
    await one.state(protocol.UPDATE_ASKED);
    await one.state(protocol.UPDATE_REFUSED);
    expect((await look(data.id)).counts).to.deep.equal({ refused: 1 });
    await push();
    expect(one.times(protocol.CMD_UPDATE_TASK)).to.equal(1);
    await push("?retry=true");
    await one.nth(protocol.CMD_UPDATE_TASK, 2);
  });

  it("has failed after the sixth interruption", async () => {
    const one = await device();
    const { data } = await push();
    await one.consent();
    for (let attempt = 1; attempt <= 6; attempt++) {
      const place = await one.place(attempt);
      await one.install({ ...place, md5: "another" });
      // A failing attempt may be reported twice.
      if (attempt === 2) await one.state(protocol.UPDATE_INTERRUPTED);
    }
    expect(bench.count("updateFailed")).to.equal(1);
    expect((await look(data.id)).counts).to.deep.equal({ failed: 1 });
    expect(one.times(protocol.CMD_UPDATE_FILE)).to.equal(6);
    expect(one.times(protocol.CMD_UPDATE_TASK)).to.equal(1);
  });

  it("is sent its place again after an interruption, and counts when it succeeds after all", async () => {
    const one = await device();
    const { data } = await push();
    await one.consent();
    for (let attempt = 1; attempt <= 6; attempt++) await one.install({ ...(await one.place(attempt)), md5: "another" });
    await one.state(protocol.UPDATE_REQUESTED);
    expect((await look(data.id)).counts).to.deep.equal({ loading: 1 });
    await one.state(protocol.UPDATE_DONE, [[protocol.UPDATE_VERSION, "9.9"]]);
    expect((await look(data.id)).counts).to.deep.equal({ loading: 1 });
    await one.state(protocol.UPDATE_DONE, [[protocol.UPDATE_VERSION, "1.1.0"]]);
    expect((await look(data.id)).counts).to.deep.equal({ updated: 1 });
  });

  it("goes on after a power cut while it is downloaded, and after one before 0113 has arrived", async () => {
    const one = await device();
    await push();
    await one.consent();
    await one.state(protocol.UPDATE_REQUESTED);
    await one.state(protocol.UPDATE_LOADING);
    one.mqtt.stop();
    const two = await device("1.0.0", DK, { component: "module" });
    await two.state(protocol.UPDATE_INTERRUPTED);
    await two.place();
    expect(two.times(protocol.CMD_UPDATE_TASK)).to.equal(0);
    // It waits for 0113 anew.
    await two.state(protocol.UPDATE_CONFIRMED);
    two.mqtt.stop();
    // As one that was only offline.
    const three = await device();
    await three.place();
    expect(three.times(protocol.CMD_UPDATE_TASK)).to.equal(0);
    expect(bench.count("updateFailed")).to.equal(0);
  });

  it("has failed when the device comes back with the old version", async () => {
    const one = await device();
    const { data } = await push();
    await one.install(await one.consent());
    one.mqtt.stop();
    const two = await device("1.0.0", DK, { component: "module" });
    await two.state(protocol.UPDATE_FAILED, [[protocol.UPDATE_VERSION, "1.0.0"]]);
    expect((await look(data.id)).counts).to.deep.equal({ failed: 1 });
    expect(two.times(protocol.CMD_UPDATE_TASK)).to.equal(0);
  });

  it("reaches more devices with a higher percentage, and none twice", async () => {
    const dks = Array.from({ length: 20 }, (_, at) => `STAGED${String(at).padStart(2, "0")}`);
    const devices = await Promise.all(dks.map((dk) => device("1.0.0", dk)));
    const offered = () => devices.filter((one) => one.times(protocol.CMD_UPDATE_TASK) > 0);
    await push("?percent=0");
    expect(offered()).to.have.length(0);
    await push("?percent=30");
    await devices[0].mqtt.until(() => offered().length === bench.count("updateOffered"));
    const first = offered();
    expect(first.length).to.be.within(1, 14);
    await push("?percent=100");
    await devices[0].mqtt.until(() => offered().length === 20);
    expect(offered()).to.include.members(first);
    expect(devices.map((one) => one.times(protocol.CMD_UPDATE_TASK))).to.deep.equal(Array(20).fill(1));
  });

  it("goes to the devices that are named, not to others, and to none that has the version", async () => {
    const [one, other] = [await device("1.0.0", "ONE1"), await device("1.0.0", "TWO2")];
    const has = await device("1.1.0", "HAS3");
    await push("?dk=ONE1&dk=HAS3");
    await one.nth(protocol.CMD_UPDATE_TASK, 1);
    expect([other, has].map((each) => each.times(protocol.CMD_UPDATE_TASK))).to.deep.equal([0, 0]);
  });

  it("brings a device the newest release, and none that is older than what it has", async () => {
    const one = await device();
    await push("", unsigned("multi", "1.2.0"));
    await one.install(await one.consent());
    one.mqtt.stop();
    const two = await device("1.2.0", DK, { component: "module" });
    await two.state(protocol.UPDATE_DONE);
    const { data } = await push();
    expect(data.counts).to.deep.equal({ newer: 1 });
    await two.mqtt.tellUpdate([[protocol.UPDATE_VERSION, "1.2.0"]], protocol.CMD_UPDATE_ASK);
    expect(two.times(protocol.CMD_UPDATE_TASK)).to.equal(0);
  });

  it("is refused by name when it is no update of a product of this cloud", async () => {
    const good = unsigned("multi");
    const bad = Buffer.from(good);
    bad[9000]++;
    const wrong: [string, RegExp, Buffer?][] = [
      ["", /^format/, Buffer.from("hello world")],
      ["", /^truncated/, good.subarray(0, -1)],
      ["", /^longer/, Buffer.concat([good, Buffer.of(0)])],
      ["", /^damaged/, bad],
      ["", /^product/, unsigned("unknown")],
      [`?key=${"00".repeat(32)}`, /^signature/],
      ["?key=12", /^key/],
      ["?percent=101", /^percent/],
    ];
    for (const [query, pattern, bytes] of wrong) {
      const { code, extMsg } = await push(query, bytes);
      expect(code).to.equal(5048);
      expect(extMsg).to.match(pattern);
    }
    expect((await push(`?key=${SIGNED.publicKey}`, SIGNED.file)).code).to.equal(200);
  });

  it("is offered once to a device that asks (0115), and again when it has forgotten a task", async () => {
    const one = await device();
    await push();
    const ask = () => one.mqtt.tellUpdate([[protocol.UPDATE_VERSION, "1.0.0"]], protocol.CMD_UPDATE_ASK);
    await ask();
    await one.consent();
    expect(one.times(protocol.CMD_UPDATE_TASK)).to.equal(1);
    await one.state(protocol.UPDATE_REQUESTED);
    await ask();
    await one.nth(protocol.CMD_UPDATE_TASK, 2);
  });

  it("is an operator's, and no web page's", async () => {
    bench.cloud.reload({ ...(await import("../../support/cloud-bench.js")).WORLD, operator: "operators" });
    expect((await push()).code).to.equal(5032);
    const paths = ["/dev/updates", "/dev/updates/0"];
    for (const path of paths) expect((await bench.call("GET", path, "token-one")).code).to.equal(5032);
    expect((await bench.call("GET", paths[0], "operators", undefined, { origin: "http://x.example" })).code).to.equal(
      5048,
    );
    expect((await bench.call("GET", paths[0], "operators")).code).to.equal(200);
  });

  it("outlives the cloud, with what each device has done", async () => {
    const data = mkdtempSync(join(tmpdir(), "updates-"));
    try {
      await bench.reopen({ data });
      const one = await device();
      const { data: release } = await push("?percent=100");
      await one.consent();
      await bench.restart();
      expect((await look(release.id)).counts).to.deep.equal({ confirmed: 1 });
      const two = await device("1.0.0", DK, { component: "module" });
      expect(await two.install(await two.place())).to.deep.equal(IMAGE);
      await two.state(protocol.UPDATE_DONE);
      await bench.restart();
      expect((await look(release.id)).counts).to.deep.equal({ updated: 1 });
      expect((await bench.call("DELETE", `/dev/updates/${release.id}`, "")).code).to.equal(200);
      await bench.restart();
      expect((await bench.call("GET", "/dev/updates", "")).data).to.deep.equal([]);
    } finally {
      await bench.cloud.stop();
      rmSync(data, { recursive: true });
      await bench.reopen({ data: undefined }).catch(() => {});
    }
  });
});
