/** The API's other calls, its description, and the page that explains its codes. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { CONSOLE } from "../../../sim/cloud/console/paths.js";
import { OPEN_API, OPERATIONS, PATHS } from "../../../sim/cloud/openapi.js";
import { REFUSALS } from "../../../sim/cloud/refusals.js";
import { BINDING_MESSAGES, OTHER_MESSAGES } from "../../../sim/cloud/status.js";
import * as protocol from "../../../src/codec/commands.js";
import { find } from "../../../src/codec/ttlv.js";
import { connection } from "../../support/cloud-device.js";
import { Bench, CODE, DK, OTHER, PS, request, window, type Answer } from "../../support/cloud-bench.js";

const query = (more: Record<string, string> = {}): string =>
  `?${new URLSearchParams({ pk: "multi", dk: DK, ...more })}`;

describe("the API's other calls", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.stop());

  const info = (of: string, token = "token-one"): Promise<Answer> => bench.call("GET", PATHS.info + of, token);
  const unbind = (of: string, token = "token-one"): Promise<Answer> => bench.call("DELETE", PATHS.unbind + of, token);
  const verify = (of: string, token = "token-firm"): Promise<Answer> => bench.call("POST", PATHS.verify + of, token);
  const list = async (token: string): Promise<Record<string, unknown>[]> => {
    const { code, data } = await bench.call("GET", PATHS.list, token);
    expect(code).to.equal(200);
    return (data as { list: Record<string, unknown>[] }).list;
  };

  it("ask for a token", async () => {
    for (const [method, path] of [
      ["POST", PATHS.authKey],
      ["POST", PATHS.newAuthKey],
      ["GET", PATHS.info],
      ["GET", PATHS.list],
      ["DELETE", PATHS.unbind],
      ["POST", PATHS.verify],
    ]) {
      expect((await bench.call(method, path, "")).code).to.equal(5106);
      expect((await bench.call(method, path, "nonsense")).code).to.equal(path === PATHS.verify ? 5144 : 5032);
    }
  });

  it("getDeviceInfoByBinding: whether a user can bind a device", async () => {
    expect((await info("")).code).to.equal(5066);
    expect((await info("?pk=none")).code).to.equal(5314);
    expect((await info("?pk=multi&dk=a")).code).to.equal(5361);
    expect((await info(query())).code).to.equal(5314);
    expect((await info(query({ checkExistInCloud: "false" }))).code).to.equal(200);
    await bench.ready();
    expect(await info(query())).to.deep.include({
      code: 200,
      data: {
        activeBluetooth: false,
        bindingMode: 1,
        productLogo: "https://logo.example/multi",
        productName: "name of multi",
      },
    });
    await bench.bind(request());
    expect((await info(query())).code).to.equal(5049);
    expect((await info(query(), "token-two")).code).to.equal(200);
  });

  it("getDeviceInfoByBinding: the same 5229 and 6083 as the binding call, also for a user of no domain or data center", async () => {
    for (const [pk, code] of [
      ["closed", 5229],
      ["european", 6083],
    ] as const) {
      // prettier-ignore
      await bench.ready(pk);
      for (const token of ["token-one", "token-firm"]) {
        expect((await info(query({ pk }), token)).code, `${pk} ${token}`).to.equal(code);
        expect(await bench.code(request({ productKey: pk }), token), `${pk} ${token}`).to.equal(code);
      }
      expect((await info(query({ pk }), "token-two")).code).to.equal(200);
    }
  });

  it("userDeviceList: what a user has bound, as it was named", async () => {
    const one = await bench.ready();
    await bench.bind(
      request({ deviceName: "lamp", fid: "f", frid: "r", isCommonDevice: false, capabilitiesBitmask: 3 }),
    );
    const [device, ...more] = await list("token-one");
    expect(more).to.deep.equal([]);
    expect(device).to.include({ productKey: "multi", deviceKey: DK, deviceName: "lamp", fid: "f", frid: "r" });
    expect(device).to.include({ isCommonDevice: false, capabilitiesBitmask: 3, bindingCode: "", onlineStatus: 1 });
    expect(device).to.include({ isMatter: false, matterInfo: null });
    expect(Buffer.from(String(device.authKey), "base64")).to.have.length(16);
    expect(await list("token-two")).to.deep.equal([]);
    one.stop();
    await one.until(() => bench.count("disconnected") === 1);
    expect((await list("token-one"))[0]).to.include({ onlineStatus: 0 });
  });

  it("userDeviceList: with what was said of Matter", async () => {
    await bench.ready();
    const matterInfo = {
      ...{ discriminator: 3840, fabricId: 1, matterProductId: 1, matterVendorId: 0xfff1, nodeId: 7 },
      ...{ matterVersion: "1.3", catList: [{ cat: 0, privilege: "" }] },
    };
    expect(await bench.code(request({ isMatter: true, matterInfo }))).to.equal(200);
    expect((await list("token-one"))[0]).to.deep.include({ isMatter: true, matterInfo });
  });

  it("getAuthKey and regenerateAuthKey: a new key is good once the device has sent it back", async () => {
    const form = new URLSearchParams({ pk: "multi", dk: DK });
    const keyOf = async (path: string, token = "token-one"): Promise<unknown> => {
      const answer = await bench.call("POST", path, token, form);
      return answer.code === 200 ? (answer.data as { authKey: string }).authKey : answer.code;
    };
    const one = await bench.ready();
    expect(await keyOf(PATHS.authKey)).to.equal(5052);
    const { authKey: first } = (await bench.bind(request())).data as { authKey: string };
    await bench.confirmed(one);
    expect(await keyOf(PATHS.authKey)).to.equal(first);
    expect(await keyOf(PATHS.authKey, "token-two")).to.equal(5052);
    const second = await keyOf(PATHS.newAuthKey);
    expect(second).not.to.equal(first);
    await bench.confirmed(one, 2);
    expect(await keyOf(PATHS.authKey)).to.equal(second);
    expect(one.authKeys(PS)).to.deep.equal([first, second]);
    expect((await bench.call("POST", PATHS.authKey, "token-one")).code).to.equal(5066);
    expect((await bench.call("POST", `${PATHS.authKey}?pk=multi`, "token-one")).code).to.equal(5067);
  });

  it("regenerateAuthKey for a device that is away, or that does not answer: the old key stays good until it does", async () => {
    const form = JSON.stringify({ pk: "multi", dk: DK });
    const key = async (path: string): Promise<string> =>
      ((await bench.call("POST", path, "token-one", form)).data as { authKey: string }).authKey;
    const one = await bench.ready();
    const ds = await one.ds();
    const { authKey: first } = (await bench.bind(request())).data as { authKey: string };
    await bench.confirmed(one);
    one.stop();
    await one.until(() => bench.count("disconnected") === 1);
    const second = await key(PATHS.newAuthKey);
    expect(await key(PATHS.newAuthKey), "the same one").to.equal(second);
    expect(await key(PATHS.authKey)).to.equal(first);
    const deaf = await bench.device({ password: connection(PS, ds), polite: false });
    const text = await deaf.sealedKey();
    const { id } = deaf.downlinks.find(({ nodes }) => find(nodes, protocol.CONFIG_SEALED) === text)!;
    deaf.echo(id + 1, text);
    deaf.echo(id, `${text.slice(0, -4)}AAAA`);
    await deaf.until(() => bench.count("malformed") === 2);
    expect(await key(PATHS.authKey)).to.equal(first);
    deaf.echo(id, text);
    await bench.confirmed(deaf, 2);
    expect(await key(PATHS.authKey)).to.equal(second);
  });

  it("every call is told with PK, DK, code and what to look at, by its own name", async () => {
    await bench.ready();
    await unbind(query());
    await verify(query());
    await bench.bind({ productKey: "multi", deviceKey: { toString: 1 } });
    await bench.bind(request({ productKey: "none" }));
    const calls = bench.events.filter(({ event }) => event.endsWith("Call"));
    expect(calls.map(({ event, pk, dk, code }) => [event, pk, dk, code])).to.deep.equal([
      ["unbindCall", "multi", DK, 5052],
      ["verifyCall", "multi", DK, 5179],
      ["bindingCall", "multi", undefined, 5067],
      ["bindingCall", "none", DK, 5314],
    ]);
    expect(calls.map(({ extMsg }) => extMsg)).to.deep.equal([
      "this user has not bound this device",
      "bindingCode is missing",
      "deviceKey must be string",
      "no product has this ProductKey: check it, and the products file",
    ]);
  });

  it("unbundlingDeviceDk: tells the device when its last user has gone", async () => {
    const one = await bench.ready();
    await bench.bind(request());
    await one.report(window(OTHER));
    await bench.bind(request({ bindingCode: OTHER }), "token-two");
    const results = () => one.downlinks.filter(({ cmd }) => cmd === protocol.CMD_BINDING_RESULT);
    await one.until(() => results().length === 2);
    expect((await unbind("?pk=multi")).code).to.equal(5067);
    expect((await unbind(query({ dk: "STRANGER" }))).code).to.equal(5052);

    expect(await unbind(query())).to.include({ code: 200, msg: "Device unbound successfully" });
    expect((await unbind(query())).code).to.equal(5052);
    expect((await unbind(query(), "token-two")).data).to.deep.equal({ bindingSum: 0 });
    await one.until(() => results().length === 3);
    expect(results()[2].nodes).to.deep.equal([
      [protocol.RESULT_BOUND, false],
      [protocol.RESULT_REASON, protocol.REASON_UNBOUND],
    ]);
    expect(await list("token-one")).to.deep.equal([]);
    expect(bench.count("unbound")).to.equal(2);
  });

  it("unbundlingDeviceDk frees a device that may have one owner only", async () => {
    const one = await bench.ready("single");
    await bench.bind(request({ productKey: "single" }));
    await unbind(query({ pk: "single" }));
    await one.report(window(OTHER));
    expect(await bench.code(request({ productKey: "single", bindingCode: OTHER }), "token-two")).to.equal(200);
  });

  it("verifyBindingCode: for an enterprise only, without spending the code", async () => {
    const of = query({ bindingCode: CODE });
    expect((await verify(of, "token-one")).code).to.equal(5144);
    expect((await verify(query())).code).to.equal(5179);
    expect((await verify(query({ bindingCode: "abc" }))).code).to.equal(5213);
    expect((await verify(of)).code).to.equal(5460);
    await bench.ready();
    expect((await verify(query({ bindingCode: OTHER }))).code).to.equal(5462);
    expect(await verify(of)).to.include({ code: 200, data: 1 });
    expect(await bench.code(request())).to.equal(200);
    expect(await verify(of)).to.deep.include({ code: 5462, data: null });
  });

  it("verifyBindingCode with isBinding binds the device to the enterprise and tells it", async () => {
    const one = await bench.ready();
    expect((await verify(query({ bindingCode: CODE, isBinding: "1" }))).code).to.equal(200);
    const nodes = await one.downlink(protocol.CMD_BINDING_RESULT);
    expect(nodes.slice(0, 2)).to.deep.equal([
      [protocol.RESULT_BOUND, true],
      [protocol.RESULT_CODE, CODE],
    ]);
    expect(await list("token-firm")).to.have.length(1);
    expect(await bench.code(request())).to.equal(5461);
  });

  it("are described under /openapi.json", async () => {
    const response = await fetch(bench.cloud.http + PATHS.openApi);
    expect(await response.json()).to.deep.equal(JSON.parse(JSON.stringify(OPEN_API)));
    const { openApi: _, ...calls } = PATHS;
    const { hook: __, ...operations } = OPERATIONS;
    const described = [...Object.values(calls), ...Object.values(operations), ...Object.values(CONSOLE)].map((path) =>
      path.replace(/:(\w+)/g, "{$1}"),
    );
    expect(Object.keys(OPEN_API.paths).sort()).to.deep.equal(described.sort());
  });
});

describe("docs/status-codes.md", () => {
  const page = readFileSync("docs/status-codes.md", "utf8");
  const own = page.slice(0, page.indexOf("# Numbers that"));
  const rows = [...own.matchAll(/^\| (\d+) +\| (.+?) +\|/gm)].map(([, code, message]) => [code, message]);

  it("has every code of the API once, with the message that the cloud sends", () => {
    const sent = Object.entries({ ...BINDING_MESSAGES, ...OTHER_MESSAGES });
    expect(rows.filter(([code]) => code.length < 5).sort()).to.deep.equal(sent.sort());
  });

  it("has every code of 00A3 once", () => {
    const codes = rows.map(([code]) => code).filter((code) => code.length === 5);
    expect(codes.sort()).to.deep.equal(Object.keys(REFUSALS).sort());
  });
});
