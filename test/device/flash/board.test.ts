/** A bench without a board: `board` runs the real interpreter, and identity, firmware and binding go as on a module. */
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { expect } from "chai";

import { findEspruino } from "../../../sim/emulator/index.js";
import { Run, temporaryFolder } from "../../unit/tools/command/harness.js";

describe("command: board", function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  const kept = join(folder, "board");
  const path = (name: string): string => join(folder, name);

  before(function () {
    if (!findEspruino()) this.skip();
  });

  it("says who has a port that the firmware will need, before anything is written to it", async () => {
    const other = createServer().listen(6607, "127.64.0.9");
    await once(other, "listening");
    try {
      const board = new Run("board", "--ap", "home:right-password");
      expect(await board.status).to.equal(1);
      expect(board.err.join()).to.contain(`port 6607 is in use, by process ${process.pid} (`);
    } finally {
      other.close();
    }
  });

  it("is given an identity and the firmware over its console, binds, and is the same board at its next start", async () => {
    const cloud = new Run("cloud", "--write-products", path("demo.json"), "--json");
    const { http, mqtt } = (await cloud.event("listening")) as { http: string; mqtt: string };
    const board = new Run("board", "--ap", "home:right-password", "--folder", kept, "--json");
    try {
      const { port, kept: before } = (await board.event("board")) as { port: string; kept: boolean };
      expect([port, before]).to.deep.equal(["tcp://127.0.0.1:2323", false]);
      const { products } = JSON.parse(readFileSync(path("demo.json"), "utf8")) as {
        products: { pk: string; ps: string }[];
      };
      writeFileSync(path("ps.txt"), products[0].ps);
      for (const argv of [
        [
          "identity",
          "write",
          "--port",
          port,
          "--pk",
          products[0].pk,
          "--ps-file",
          path("ps.txt"),
          "--dk",
          "BOARD0000001",
        ],
        ["flash", "--port", port, "--server", mqtt],
        ["bind", "--cloud", http, "--products", path("demo.json"), "--ssid", "home", "--password", "right-password"],
      ]) {
        // At once: the Linux build resets a client that connects before it has seen that another one has gone.
        const run = new Run(...argv);
        expect(await run.status, `${argv[0]}: ${run.err.join()}\n${run.out.join("\n")}`).to.equal(0);
      }
      await board.stop();
      const again = new Run("board", "--folder", kept, "--json");
      await again.event("board");
      await again.line((line) => line.includes('"state":"bound"'));
      expect(await again.stop()).to.equal(0);
    } finally {
      await board.stop();
      await cloud.stop();
    }
  });
});
