/** The commands and messages of docs/bench.md and docs/unknown.md are those of this version. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { Run } from "../../unit/tools/command/harness.js";

const DOCUMENTS = ["docs/bench.md", "docs/unknown.md"];

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
}

/** Each `wifi-binding COMMAND …` in code. */
function commands(text: string): string[] {
  const blocks = [...text.matchAll(/```sh\n([^]*?)```/g)].flatMap(([, block]) => block.split("\n"));
  const spans = [...text.matchAll(/`(wifi-binding [^`]+)`/g)].map(([, span]) => span);
  return [...blocks, ...spans]
    .filter((line) => line.includes("wifi-binding "))
    .map((line) => line.replace(/^.*?wifi-binding /, ""));
}

for (const document of DOCUMENTS) {
  describe(document, () => {
    const text = readFileSync(document, "utf8");

    for (const line of new Set(commands(text))) {
      it(`names options that there are: ${line}`, async () => {
        const [command, second] = line.split(" ");
        const words = command === "identity" && /^[a-z]+$/.test(second) ? [command, second] : [command];
        const help = new Run(...words, "--help");
        expect(await help.status, help.err.join()).to.equal(0);
        const known = help.out.join("\n");
        for (const [option] of line.matchAll(/--[a-z][a-z-]*/g)) expect(known).to.contain(option);
      });
    }
  });
}

describe("docs/bench.md", () => {
  const text = readFileSync("docs/bench.md", "utf8");
  // A sentence in the source may go over two strings or lines, and has its values in braces.
  const flat = (words: string): string => words.replace(/\$\{[^}]*\}/g, "…").replace(/\s+/g, " ");
  const code = ["tools", "sim", "src"].map(sources).map(flat).join("\n");

  for (const [, , message] of text.matchAll(/^\|( *)`([^`]*…[^`]*|[a-z][^`]{30,})`/gm)) {
    // The device's own lines are put together on the device.
    if (message.startsWith("WB ")) continue;
    it(`quotes a message that there is: ${message}`, () => {
      for (const part of message.split("…").map((one) => one.trim())) {
        if (part.length > 7) expect(code.includes(part), part).to.equal(true);
      }
    });
  }
});
