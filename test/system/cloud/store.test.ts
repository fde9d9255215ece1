/** What the cloud keeps, together: one transaction for all that came at once, and nothing said before it is durable. */

import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import Database from "libsql";
import Writer from "libsql/promise";

import { Store, type Row } from "../../../sim/cloud/store.js";
import { Bench, BIND, credentials, PS, request, type Answer } from "../../support/cloud-bench.js";
import { TestDevice } from "../../support/cloud-device.js";
import { eventually } from "../../unit/sim/emulator/harness.js";

const row = (dk: string, state = "{}"): Row => ({ pk: "multi", dk, state });

describe("the cloud's store", () => {
  let data: string;
  let store: Store | undefined;
  beforeEach(() => {
    data = join(mkdtempSync(join(tmpdir(), "store-")), "state");
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
    rmSync(join(data, ".."), { recursive: true });
  });

  /** What another process would read now. */
  const kept = (): Row[] => {
    const database = new Database(join(data, "cloud.db"));
    const rows = database.prepare("SELECT pk, dk, state FROM device ORDER BY dk").all() as Row[];
    database.close();
    return rows;
  };

  it("calls back in order, and only when everything before is on the disk", async () => {
    store = Store.open(data);
    const said: string[] = [];
    const later = (name: string) => () =>
      said.push(
        `${name} ${kept()
          .map(({ dk, state }) => dk + state)
          .join()}`,
      );
    later("at once")();
    store.after(later("nothing to keep"));
    store.save(row("A"));
    store.after(later("one"));
    store.save(row("B"));
    store.save(row("A", "2"));
    store.after(later("three"));
    expect(said).to.deep.equal(["at once ", "nothing to keep "]);
    await eventually(() => said.length === 4);
    expect(said.slice(2)).to.deep.equal(["one A2,B{}", "three A2,B{}"]);
    store.remove(row("A"));
    store.after(later("removed"));
    await eventually(() => said.length === 5);
    expect(said.at(-1)).to.equal("removed B{}");
  });

  it("makes one transaction of all that came while it had other things to do", async () => {
    store = Store.open(data);
    const { prototype } = Writer as unknown as { prototype: { exec(sql: string): Promise<void> } };
    const original = prototype.exec;
    let commits = 0;
    prototype.exec = function (sql) {
      if (sql.endsWith(";COMMIT")) commits++;
      return original.call(this, sql);
    };
    try {
      for (let n = 0; n < 500; n++) store.save(row(`D${n}`));
      await new Promise<void>((resolve) => store!.after(resolve));
    } finally {
      prototype.exec = original;
    }
    expect([commits, kept().length]).to.deep.equal([1, 500]);
  });

  it("keeps at its end what was not written yet", async () => {
    store = Store.open(data);
    let told = false;
    store.save(row("A"));
    store.after(() => (told = true));
    await store.close();
    store = undefined;
    expect([kept().length, told]).to.deep.equal([1, true]);
  });

  it("takes any text of a state: quotes, line breaks, other alphabets", async () => {
    store = Store.open(data);
    const texts = ["it's", "''); DROP TABLE device; --", "é\n日本語", "\\'", "?1"];
    texts.forEach((text, at) => store!.save(row(`D${at}`, JSON.stringify(text))));
    store.saveValue({ pk: "multi", dk: "D0", slot: 0, json: JSON.stringify("it's") });
    await store.close();
    expect(kept().map(({ state }) => JSON.parse(state) as string)).to.deep.equal(texts);
    store = Store.open(data);
    const values: string[] = [];
    store.eachValue({ pk: "multi", dk: "D0" }, (_, json) => values.push(JSON.parse(json) as string));
    expect(values).to.deep.equal(["it's"]);
  });

  it("does not hold up this thread while the disk is waited for", async () => {
    store = Store.open(data);
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 1);
    for (let n = 0; n < 20; n++) {
      for (let at = 0; at < 200; at++) store.save(row(`D${at}`, JSON.stringify("x".repeat(2000) + n)));
      await new Promise<void>((resolve) => store!.after(resolve));
    }
    clearInterval(ticking);
    expect(ticks).to.be.greaterThan(20);
  });

  it("kill -9 in the middle of 50 concurrent binds loses and doubles nothing that was answered", async () => {
    const child = fork("test/system/cloud/victim-cloud.ts", [data], { execArgv: ["--import", "tsx"] });
    const { http, mqtt } = await new Promise<{ http: string; mqtt: string }>((resolve) =>
      child.once("message", (message) => resolve(message as { http: string; mqtt: string })),
    );
    const names = Array.from({ length: 50 }, (_, n) => `DEVICE${String(n).padStart(2, "0")}`);
    const codeOf = (dk: string): string => dk.slice(-2).padStart(16, "A");
    const devices = await Promise.all(
      names.map(async (dk) => {
        const one = await TestDevice.connect(mqtt, { pk: "multi", ps: PS, dk });
        await one.ds();
        await one.report(credentials(codeOf(dk)));
        return one;
      }),
    );
    const answered: string[] = [];
    await Promise.allSettled(
      names.map(async (dk) => {
        const body = JSON.stringify(request({ deviceKey: dk, bindingCode: codeOf(dk) }));
        const response = await fetch(http + BIND, { method: "POST", headers: { authorization: "token-one" }, body });
        if (((await response.json()) as Answer).code === 200) answered.push(dk);
        if (answered.length === 20) child.kill("SIGKILL");
      }),
    );
    devices.forEach((one) => one.stop());
    const bench = await Bench.start({ data });
    const { data: list } = await bench.call("GET", "/v2/binding/enduserapi/userDeviceList", "token-one");
    const bound = (list as { list: { deviceKey: string }[] }).list.map(({ deviceKey }) => deviceKey);
    for (const dk of names) {
      // A code is spent exactly when its device is bound.
      const again = await bench.code(request({ deviceKey: dk, bindingCode: codeOf(dk) }), "token-two");
      expect(again, dk).to.equal(bound.includes(dk) ? 5461 : 200);
    }
    await bench.stop();
    expect(answered.length).to.be.at.least(20);
    expect(bound).to.include.members(answered);
    expect(new Set(bound).size).to.equal(bound.length);
  }).timeout(60_000);
});
