/** A socket of Espruino that ends. */

import { expect } from "chai";

import { openLink } from "../../../../../src/hal/espruino/tcp.js";

it("a socket that ends has a listener for its bytes, even when Espruino has removed the one it had", () => {
  const calls: string[] = [];
  const socket = {
    on: (event: string) => void calls.push(event),
    end: () => void calls.push("end"),
    write: () => true,
  };
  const link = openLink(socket as unknown as EspruinoSocket, () => ({ received() {}, closed() {} }));
  calls.length = 0;
  link.end();
  link.end();
  expect(calls).to.deep.equal(["data", "end"]);
});
