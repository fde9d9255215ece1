/** The products file: what it may say, and what is said of a bad one. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { demoProducts, loadProducts, startCloud } from "../../../../sim/cloud/index.js";
import { PRODUCTS_SCHEMA } from "../../../../sim/cloud/products-schema.js";
import { UsageError } from "../../../../sim/errors.js";
import { PS, WORLD } from "../../../support/cloud-bench.js";

describe("the products file", () => {
  const folder = mkdtempSync(join(tmpdir(), "products-"));
  const path = join(folder, "products.json");
  after(() => rmSync(folder, { recursive: true }));

  function load(content: unknown) {
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return loadProducts(path);
  }

  /** What is said of a bad file: one line that begins with its path. */
  function complaint(content: unknown): string {
    try {
      load(content);
    } catch (error) {
      expect(error).to.be.instanceOf(UsageError);
      const { message } = error as Error;
      expect(message.startsWith(path) && !message.includes("\n"), message).to.equal(true);
      return message.slice(path.length);
    }
    return expect.fail("it was taken");
  }

  const product = (more: object): object => ({ products: [{ pk: "p1", ps: PS, ...more }], users: [] });
  const users = (...list: unknown[]): object => ({ products: [{ pk: "p1", ps: PS }], users: list });

  it("keeps every field, and fills in those that may be absent", () => {
    expect(JSON.parse(JSON.stringify(load(WORLD).products))).to.deep.equal(WORLD.products);
    expect(load(WORLD).users[0]).to.include(WORLD.users[0]);
    expect(load(product({})).products[0]).to.include({ name: "p1", logo: "", bindingMode: 1 });
    expect(load(`\ufeff${JSON.stringify(product({ window: 30 }))}`).products[0]).to.include({ window: 30 });
    const demo = demoProducts();
    expect(load(demo).operator).to.equal(demo.operator);
    expect(JSON.parse(JSON.stringify(load(demo).products))).to.deep.equal(demo.products);
  });

  const bad: [what: string, content: unknown, expected: RegExp][] = [
    ["no JSON", `{"ps": "${PS}`, /is not JSON/],
    ["a token twice in a user", '{"products":[],"users":[{"id":"a","token":"t","token":"u"}]}', /has "token" twice/],
    ["two lists of users, one by an escape", '{"users":[],"\\u0075sers":[],"products":[]}', /has "users" twice/],
    ["null", "null", /"products"/],
    ["a list", [], /must be an object/],
    ["no products", { products: [], users: [] }, /products must be a list of at least one/],
    ["no users", { products: [{ pk: "p1", ps: PS }] }, /users must be a list/],
    ["a product that is null", { products: [null], users: [] }, /products\[0\] must be an object with pk/],
    ["a malformed PK", product({ pk: "p 1" }), /products\[0\]\.pk must be 1-32/],
    ["a short PS", product({ ps: "short" }), /\.ps must be 16-32/],
    ["a PS that is not ASCII", product({ ps: "é".repeat(16) }), /\.ps must be 16-32/],
    ["an unknown mode", product({ bindingMode: 4 }), /bindingMode must be 1/],
    ["a name that is no text", product({ name: 5 }), /\.name must be a string/],
    ["domains that are no list", product({ domains: "inside" }), /\.domains must be a list/],
    ["capabilities out of range", product({ capabilitiesBitmask: 16 }), /capabilitiesBitmask must be 0-15/],
    ["a user without a token", users({ id: "a" }), /users\[0\]\.token must be the token/],
    ["a user without a name", users({ id: "", token: "t" }), /users\[0\]\.id must be a name/],
    ["a window of an hour and a second", product({ window: 3601 }), /window must be 1-3600 seconds/],
    ["a window that is half a second", product({ window: 0.5 }), /window must be 1-3600 seconds/],
    ["a null", product({ name: null }), /name must be a string/],
    ["a misspelt mode", product({ bindingmode: 2 }), /products\[0\] has "bindingmode".* is "bindingMode" meant/],
    ["a misspelt list", { ...product({}), user: [] }, /the file has "user".* is "users" meant/],
    ["a name of nothing", product({ frequency: 2 }), /has "frequency", which is not known$/],
    ["a short operator", { ...product({}), operator: "short" }, /operator must be 16 characters or more/],
    ["a user with a wrong enterprise", users({ id: "a", token: "t", enterprise: 1 }), /enterprise must be true/],
    ["two users with one token", users({ id: "a", token: "t" }, { id: "b", token: "t" }), /token of users: number 0/],
    ["two users with one id", users({ id: "a", token: "t" }, { id: "a", token: "u" }), /id of users: number 0/],
  ];
  for (const [what, content, expected] of bad) {
    it(`says what is wrong with ${what}`, () => expect(complaint(content)).to.match(expected));
  }

  it("says what is wrong with two products of one PK, and never tells a secret", () => {
    const twice = { products: [WORLD.products[0], WORLD.products[0]], users: [] };
    expect(complaint(twice)).to.match(/pk of products: number 0 and number 1/);
    expect(complaint(`{"ps": "${PS}`)).not.to.include(PS.slice(0, 6));
    expect(complaint(users({ id: "a", token: "secret" }, { id: "b", token: "secret" }))).not.to.include("secret");
  });

  it("has the schema that editors read in docs/products.schema.json", () => {
    const schema = JSON.parse(readFileSync("docs/products.schema.json", "utf8"));
    expect(schema).to.deep.equal(JSON.parse(JSON.stringify(PRODUCTS_SCHEMA)));
    expect(load({ $schema: "products.schema.json", ...product({}) }).products).to.have.length(1);
  });

  it("says that there is no file", () => {
    expect(() => loadProducts(join(folder, "none.json"))).to.throw(UsageError, /there is no file/);
  });

  it("makes a demo product with a secret of its own each time", () => {
    const [a, b] = [demoProducts(), demoProducts()];
    expect(a.products[0].ps).to.have.length(16).and.not.equal(b.products[0].ps);
    expect(a.users[0].token).to.have.length(32).and.not.equal(b.users[0].token);
  });
});

describe("the cloud's addresses", () => {
  it("are this machine's own, and beyond loopback only with an operator", async () => {
    // 0.0.0.0 is refused before anything listens: this world has no operator.
    for (const host of ["0.0.0.0", "192.0.2.1", "127.example", "::1"]) {
      const error = await startCloud({ ...WORLD, host }).catch((reason: Error) => reason);
      expect(error, host).to.be.instanceOf(UsageError);
    }
    const cloud = await startCloud({ ...WORLD, host: "127.4.3.2" });
    expect(cloud.http).to.match(/^http:\/\/127\.4\.3\.2:\d+$/);
    await cloud.stop();
  });

  it("are free again after a start that failed", async () => {
    const first = await startCloud(WORLD);
    const [httpPort, mqttPort] = [first.http, first.mqtt].map((url) => Number(new URL(url).port));
    for (const taken of [{ httpPort }, { mqttPort }]) {
      const error = await startCloud({ ...WORLD, ...taken }).catch((reason: Error) => reason);
      expect(error).to.include({ code: "EADDRINUSE" });
    }
    await first.stop();
    await (await startCloud({ ...WORLD, httpPort, mqttPort })).stop();
  });
});

describe("docs/products.md", () => {
  const page = readFileSync("docs/products.md", "utf8");

  it("shows a file that is taken", () => {
    const folder = mkdtempSync(join(tmpdir(), "products-"));
    const path = join(folder, "products.json");
    writeFileSync(path, /```json\n([^]*?)```/.exec(page)![1]);
    expect(loadProducts(path).users).to.have.length(2);
    rmSync(folder, { recursive: true });
  });

  it("has every field of the schema once", () => {
    const { products, users } = PRODUCTS_SCHEMA.properties;
    const fields = [products, users].flatMap(({ items }) => Object.keys(items.properties));
    const rows = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
    expect(rows.sort()).to.deep.equal(fields.sort());
  });
});
