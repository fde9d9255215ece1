/** Passwords, made by the device and checked by the cloud, against known answers. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import * as check from "../../../../sim/cloud/passwords.js";
import type { Product } from "../../../../sim/cloud/products.js";
import * as refusals from "../../../../sim/cloud/refusals.js";
import { authenticationPassword, clientId, connectionPassword, type Profile } from "../../../../src/cloud/auth.js";
import type { Hal } from "../../../../src/hal/hal.js";
import { encrypt, ivOf } from "../../../support/cloud-device.js";
import { aes, latin1, sha256 } from "../../../support/hal.js";

const vectors = JSON.parse(readFileSync("test/vectors/passwords.json", "utf8"));
const hal = { sha256, aes, base64: (bytes: string) => latin1(bytes).toString("base64") } as Hal;
const profile = (fields: Partial<Profile>): Profile => ({
  home: { host: "cloud", port: 1883, secure: false },
  pk: "",
  ps: "",
  dk: "",
  ...fields,
});
const product = ({ pk, ps }: { pk: string; ps: string }): Product => ({ pk, ps, name: "", logo: "", bindingMode: 1 });

describe("passwords", () => {
  for (const { name, pk, ps, dk, random, clientId: id, password, sessionFlag } of vectors.authentication) {
    it(`known answer: ${name}`, () => {
      const device = profile({ pk, ps, dk });
      expect(clientId(device)).to.equal(id);
      expect(authenticationPassword(hal, device, random, sessionFlag === 1)).to.equal(password);
      expect(check.checkAuthentication(password, product({ pk, ps }), dk)).to.equal(refusals.OK);
    });
  }

  for (const { name, ps, ds, random, password, sessionFlag } of vectors.connection) {
    it(`known answer: ${name}`, () => {
      expect(connectionPassword(hal, profile({ ps }), ds, random, sessionFlag === 1)).to.equal(password);
      expect(check.checkConnection(password, product({ pk: "p", ps }), ds)).to.equal(refusals.OK);
    });
  }

  it("are refused with the code for what is wrong", () => {
    const { pk, ps, dk, password } = vectors.authentication[0];
    const parts = password.split(";");
    const as = (...changed: string[]): number => check.checkAuthentication(changed.join(";"), product({ pk, ps }), dk);
    expect(as(parts[0], "9999", parts[2], parts[3])).to.equal(refusals.BAD_FLAG);
    expect(as(parts[0], parts[1], "other", parts[3])).to.equal(refusals.CLIENT_ID_DIFFERS);
    expect(as(parts[0], parts[1], parts[2], "AAAA")).to.equal(refusals.UNDECODABLE);
    expect(check.checkAuthentication(password, product({ pk, ps }), "other")).to.equal(refusals.CLIENT_ID_DIFFERS);
    expect(check.checkAuthentication(password, product({ pk, ps: "0".repeat(16) }), dk)).to.equal(refusals.UNDECODABLE);
    const forged = encrypt(ps, ivOf(ps), `${dk};0123456789abcdef;AAAA`);
    expect(as(parts[0], parts[1], parts[2], forged)).to.equal(refusals.BAD_SIGNATURE);
    const connection = vectors.connection[0];
    const connect = (ds?: string): number =>
      check.checkConnection(connection.password, product({ pk, ps: connection.ps }), ds);
    expect(connect(undefined)).to.equal(refusals.UNKNOWN_DEVICE);
    expect(connect("x".repeat(32))).to.equal(refusals.WRONG_DS);
  });
});
