/** A products file with a malformed thing model: `cloud` refuses it, and reads none on SIGHUP. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { PATHS } from "../../../sim/cloud/openapi.js";
import { LAMP } from "../../../sim/model/lamp.js";
import { Run, temporaryFolder } from "../../unit/tools/command/harness.js";

const PS = "0123456789abcdef";
const TOKEN = "the token of a user";
const [SWITCH, BRIGHTNESS] = LAMP.properties;

const nested = (depth: number): object => ({
  dataType: "ARRAY",
  specs: depth ? nested(depth - 1) : { dataType: "BOOL" },
});

const BAD: [what: string, tsl: unknown, says: string][] = [
  ["no object", [], "products[0].tsl must be an object with properties"],
  ["no properties", {}, "products[0].tsl is no thing model"],
  ["properties that are none", { properties: {} }, "products[0].tsl is no thing model"],
  ["an empty list", { properties: [] }, "products[0].tsl: properties must have one at least"],
  ["a null for a property", { properties: [SWITCH, null] }, "products[0].tsl: properties[1] must be an object"],
  ["an id that the wire has not", { properties: [{ ...SWITCH, id: 8192 }] }, "properties[0].id must be 1-8191"],
  ["one id twice", { properties: [SWITCH, { ...BRIGHTNESS, id: 1 }] }, "properties[1].id is 1, as that of"],
  ["an unknown type", { properties: [{ ...SWITCH, dataType: "BOOLEAN" }] }, "properties[0].dataType must be one of"],
  ["an ENUM of nothing", { properties: [{ ...SWITCH, dataType: "ENUM", specs: [] }] }, "must have a value at least"],
  ["arrays without end", { properties: [{ id: 1, code: "a", ...nested(1000) }] }, "is nested in more than 16 others"],
];

describe("command: cloud with a malformed thing model", () => {
  const folder = temporaryFolder();
  const path = join(folder, "products.json");
  const write = (tsl: unknown): void =>
    writeFileSync(
      path,
      JSON.stringify({ products: [{ pk: "p1", ps: PS, tsl }], users: [{ id: "one", token: TOKEN }] }),
      {
        mode: 0o600,
      },
    );

  for (const [what, tsl, says] of BAD) {
    it(`refuses ${what} in one sentence`, async () => {
      write(tsl);
      const run = new Run("cloud", "--products", path);
      expect(await run.status).to.equal(2);
      expect(run.out).to.deep.equal([]);
      expect(run.err).to.have.length(1);
      expect(run.err[0]).to.include(`${path}: `).and.include(says);
      expect(run.err[0]).not.to.match(/\n|unexpected|0123456789/);
    });
  }

  it("changes nothing on SIGHUP, and reads the file again when it is mended", async () => {
    write(LAMP);
    const run = new Run("cloud", "--products", path, "--json");
    const { http } = (await run.event("listening")) as { http: string };
    const model = async (): Promise<unknown> =>
      (await fetch(`${http}${PATHS.tsl}?pk=p1`, { headers: { authorization: TOKEN } })).json();
    const first = await model();
    expect(first).to.have.nested.property("data.properties[0].code", "switch");
    for (const [what, tsl, says] of BAD) {
      write(tsl);
      run.reload();
      const { event, message } = run.events().at(-1)!;
      expect(event, what).to.equal("warning");
      expect(message, what).to.include("nothing changes: ").and.include(says);
    }
    expect(await model()).to.deep.equal(first);
    write({ properties: [{ ...SWITCH, code: "power" }] });
    run.reload();
    expect(run.events().at(-1)!.event).to.equal("productsRead");
    expect(await model()).to.have.nested.property("data.properties[0].code", "power");
    expect(await run.stop()).to.equal(0);
  });
});
