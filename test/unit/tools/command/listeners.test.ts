/** Who holds a port, by what the system tells. */
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";

import { expect } from "chai";

import { holderOn, listenersOn } from "../../../../tools/command/listeners.js";

describe("who holds a port", () => {
  it("is this process, also when its files have gaps: the one that reads their folder is gone by then", async () => {
    const before = Array.from({ length: 20 }, () => openSync("/dev/null", "r"));
    const server = createServer().listen(0, "127.64.0.8");
    try {
      await once(server, "listening");
      before.forEach(closeSync);
      const { port } = server.address() as AddressInfo;
      expect(listenersOn("tcp", port).map(({ address, pid }) => [address, pid])).to.deep.equal([
        ["127.64.0.8", process.pid],
      ]);
      expect(holderOn("tcp", port, "127.64.0.8")).to.match(new RegExp(`^, by process ${process.pid} \\(`));
      expect(holderOn("tcp", port, "127.64.0.7")).to.equal("");
    } finally {
      server.close();
    }
  });
});
