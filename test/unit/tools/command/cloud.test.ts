/** `cloud` and `forget`: the operator's side of a bench. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { TestDevice, OURS } from "../../../support/cloud-device.js";
import { credentials, CODE, DK } from "../../../support/cloud-bench.js";
import { Run, temporaryFolder } from "./harness.js";

const PS = "QUJDREVGR0hJSktM";
const OPERATOR = "token-of-the-operator";

describe("command: cloud", () => {
  const folder = temporaryFolder();
  const file = join(folder, "products.json");
  const write = (more: object, mode = 0o600): void => {
    const world = {
      products: [{ pk: "multi", ps: PS }],
      users: [{ id: "one", token: "token-one" }],
      operator: OPERATOR,
    };
    writeFileSync(file, JSON.stringify({ ...world, ...more }));
    chmodSync(file, mode);
  };
  let cloud: Run;
  const start = async (...argv: string[]) => {
    cloud = new Run("cloud", "--products", file, "--json", ...argv);
    return (await cloud.event("listening")) as Record<string, string>;
  };
  const bind = async (http: string): Promise<{ code: number }> => {
    const body = JSON.stringify({ productKey: "multi", deviceKey: DK, bindingCode: CODE });
    const headers = { authorization: "token-one" };
    const response = await fetch(`${http}/v2/binding/enduserapi/v2/deviceBindingByWifi`, {
      method: "POST",
      headers,
      body,
    });
    return (await response.json()) as { code: number };
  };
  const device = async (mqtt: string): Promise<TestDevice> => {
    const one = await TestDevice.connect(mqtt, { pk: "multi", ps: PS, dk: DK, sdk: OURS });
    await one.ds();
    await one.report(credentials(CODE));
    return one;
  };

  beforeEach(() => write({}));
  afterEach(() => cloud.stop());

  it("warns of a file that others can read, and of one without an operator", async () => {
    write({ operator: undefined }, 0o644);
    await start();
    const warnings = cloud.events().filter(({ event }) => event === "warning");
    expect(warnings.map(({ message }) => message).join("\n"))
      .to.contain(`chmod 600 ${file}`)
      .and.contain('no "operator"');
    await cloud.stop();
    write({});
    await start();
    await bind((cloud.events()[0] as Record<string, string>).http);
    expect(cloud.events().filter(({ event }) => event === "warning")).to.deep.equal([]);
  });

  it("reads its file again, and goes on with the old one when that is malformed", async () => {
    const { http, mqtt } = await start();
    const one = await device(mqtt);
    writeFileSync(file, "{");
    cloud.reload();
    await cloud.line((line) => line.includes("nothing changes"));
    expect((await bind(http)).code).to.equal(200);
    write({ products: [{ pk: "other", ps: PS }] });
    cloud.reload();
    await cloud.event("productsRead");
    await one.until(() => one.closed);
    expect((await bind(http)).code).to.equal(5314);
    write({ products: [{ pk: "multi", ps: PS, window: 1 }], users: [{ id: "two", token: "token-two" }] });
    cloud.reload();
    await cloud.line((line) => cloud.out.filter((other) => other.includes("productsRead")).length > 1 && line !== "");
    expect((await bind(http)).code).to.equal(5032);
  });

  it("forgets a device for its operator, and for no other", async () => {
    const { http, mqtt } = await start();
    const one = await device(mqtt);
    expect((await bind(http)).code).to.equal(200);
    const strangers = join(folder, "strangers.json");
    writeFileSync(strangers, readFileSync(file, "utf8").replace(OPERATOR, "x".repeat(20)));
    const stranger = new Run("forget", "--cloud", http, "--products", strangers, "--dk", DK);
    expect(await stranger.status).to.equal(1);
    expect(stranger.err[0]).to.contain("5032").and.not.contain(OPERATOR);
    const run = new Run("forget", "--cloud", http, "--products", file, "--dk", DK, "--json");
    expect(await run.status, run.err.join()).to.equal(0);
    expect(run.events()).to.deep.equal([{ event: "forgotten", pk: "multi", dk: DK }]);
    await one.until(() => one.closed);
    expect((await bind(http)).code).to.equal(5460);
    const again = new Run("forget", "--cloud", http, "--products", file, "--dk", DK);
    expect(await again.status).to.equal(1);
    expect(again.err[0]).to.contain("5314");
    const wrong = new Run("forget", "--cloud", http, "--products", file, "--dk", DK, "--pk", "none");
    expect(await wrong.status).to.equal(2);
    const away = new Run("forget", "--cloud", "http://127.69.0.9:50009", "--products", file, "--dk", DK);
    expect(await away.status).to.equal(1);
    expect(away.err[0]).to.contain("ECONNREFUSED");
  });

  it("--strict sends nothing that the platform is not known to send", async () => {
    const { http, mqtt } = await start("--strict");
    const one = await device(mqtt);
    expect((await bind(http)).code).to.equal(200);
    await cloud.line((line) => line.includes('"keyConfirmed"'));
    expect(new Set(one.downlinks.map(({ cmd }) => cmd))).to.deep.equal(new Set([0x00b4]));
  });

  it("serves a demo product whose file has an operator's token", async () => {
    cloud = new Run("cloud", "--write-products", join(folder, "demo.json"), "--json");
    await cloud.event("listening");
    const { operator } = JSON.parse(readFileSync(join(folder, "demo.json"), "utf8")) as { operator: string };
    expect(operator).to.have.length(32);
    expect(cloud.out.join()).not.to.contain(operator);
  });
});
