/** A bench without a board: `board` runs the real interpreter, and identity, firmware and binding go as on a module. */
import { readFileSync, writeFileSync } from "node:fs";
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
        // The Linux build serves one telnet client at a time, and takes a moment to see that one has gone.
        await new Promise((resolve) => setTimeout(resolve, 3000));
        const run = new Run(...argv);
        expect(await run.status, `${argv[0]}: ${run.err.join()}`).to.equal(0);
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
