/** Where servers listen. */
import { expect } from "chai";

import { UsageError } from "../../../sim/errors.js";
import { demandOwn, isLoopback, reachable } from "../../../sim/listen.js";

describe("addresses to listen on", () => {
  const own = ["127.0.0.1", "192.0.2.5"];

  it("are all of loopback, this machine's own, and all of them", () => {
    for (const host of ["127.0.0.1", "127.9.8.7", "192.0.2.5", "0.0.0.0"])
      expect(() => demandOwn(host, own)).not.to.throw();
  });

  for (const host of ["192.0.2.6", "8.8.8.8", "::1", "127.example", "localhost", "", "0.0.0.0/0"]) {
    it(`are not ${host || "empty"}`, () => {
      expect(() => demandOwn(host, own)).to.throw(
        UsageError,
        /no address of this machine: it has 127\.0\.0\.1, 192\.0\.2\.5/,
      );
    });
  }

  it("are of this machine alone in 127.0.0.0/8 only", () => {
    expect(["127.0.0.1", "127.255.255.254"].every(isLoopback)).to.equal(true);
    expect(["0.0.0.0", "128.0.0.1", "::1", "127.example"].some(isLoopback)).to.equal(false);
  });

  it("are reached by themselves", () => {
    expect(reachable("127.0.0.3")).to.equal("127.0.0.3");
    expect(reachable("0.0.0.0"))
      .to.match(/^\d+\.\d+\.\d+\.\d+$/)
      .and.not.equal("0.0.0.0");
  });
});
