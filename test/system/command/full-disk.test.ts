/** Labels on a disk that is full. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { temporaryFolder } from "../../unit/tools/command/harness.js";

const POP = "ABCDEFGH23456789";

describe("labels", () => {
  const folder = temporaryFolder();

  it("on a full disk leave the file as it was, and name the device and how to get its label again", function () {
    const small = join(folder, "small");
    const script = `
      import { appendLabel, readLabels } from ${JSON.stringify(join(process.cwd(), "tools/factory/labels-file.ts"))};
      import { appendFileSync, statSync, writeFileSync } from "node:fs";
      const path = ${JSON.stringify(small)} + "/labels.csv";
      const row = { row: 1, pk: "p1", dk: "AAAA", ssid: "WB-AAAA", pop: "${POP}" };
      appendLabel(path, row);
      // The rest of the disk but for 31 bytes of the last page of the file.
      appendFileSync(path, "x");
      let made = 1;
      const before = () => statSync(path).size;
      try { for (;; made++) appendLabel(path, { ...row, row: made + 1, dk: "B" + String(made).padStart(4, "0") }); }
      catch (error) { console.log(JSON.stringify([made, error.message, readLabels(path).length, before()])); }
    `;
    const program = join(folder, "full.mts");
    writeFileSync(program, script);
    let out: string;
    try {
      const shell = `mkdir -p ${small} && mount -t tmpfs -o size=8k none ${small} && exec ${process.execPath} --import tsx ${program}`;
      out = execFileSync("unshare", ["-rm", "sh", "-c", shell], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch {
      return this.skip();
    }
    const [made, message, labels] = JSON.parse(out) as [number, string, number];
    expect(made).to.be.above(50);
    expect(labels).to.equal(made);
    expect(message).to.match(/^B\d{4} is written, but its label is not in .*ENOSPC.*run the same command again/);
  });
});
