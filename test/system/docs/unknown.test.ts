/** docs/unknown.md has an entry for each number that is inferred or unknown, and none for any other. */
import { readFileSync } from "node:fs";

import { expect } from "chai";

const document = readFileSync("docs/unknown.md", "utf8");
const table = readFileSync("src/codec/commands.ts", "utf8");

interface Constant {
  name: string;
  /** Its comment behind it, the one above it, and the one of its block. */
  own: string;
  block: string;
}

/** Constants with their comments. */
function constants(): Constant[] {
  const found: Constant[] = [];
  let [above, block] = ["", ""];
  for (const line of table.split("\n")) {
    const [, name, behind = ""] = /^export const (\w+) = [^;]+;(.*)$/.exec(line) ?? [];
    if (name) {
      found.push({ name, own: `${above} ${behind}`, block });
      above = "";
    } else if (/^\/\/ /.test(line)) block = line;
    else if (/^\/\*\* .*\*\/$/.test(line)) above = line;
    else if (!line.trim()) above = block = "";
  }
  return found;
}

const INFERRED = /\[I\]|\[U\]|\bunknown\b/;
const sections = new Map(
  document
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const [, name = ""] = /^`(\w+)`\n/.exec(text) ?? [];
      return [name, text.split(/^## /m)[0]];
    }),
);

describe("docs/unknown.md", () => {
  const marked = constants().filter(({ own }) => INFERRED.test(own));

  it("finds the marks", () => {
    expect(marked.map(({ name }) => name)).to.include.members([
      "CMD_BINDING",
      "CONFIG_SEALED",
      "BLE_VERSION",
      "WIFI_UNKNOWN",
    ]);
  });

  for (const { name } of marked) {
    it(`has an entry for ${name}: what it is taken as, what hangs on it, the capture`, () => {
      const text = sections.get(name) ?? "";
      for (const part of ["Taken as", "Hangs on it", "Capture"]) {
        expect(text, `${name} in docs/unknown.md`).to.match(new RegExp(`- \\*\\*${part}\\*\\*: \\S`));
      }
    });
  }

  it("has no entry for a number whose source is known", () => {
    const known = constants().filter(({ own }) => !INFERRED.test(own) && !own.includes("[C]"));
    expect(known.map(({ name }) => name).filter((name) => sections.has(name))).to.deep.equal([]);
  });

  it("lists what is chosen", () => {
    const chosen = constants().filter(({ own, block }) => own.includes("[C]") || block.includes("[C]"));
    const listed = [...document.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name]) => name);
    const isListed = (name: string): boolean =>
      listed.some((one) => one === name || (one.endsWith("_") && name.startsWith(one)));
    const between = (name: string): boolean => /^CMD_(HELLO|PROVE|PROGRESS|WINDOW|LAST_RESULT)/.test(name);
    // The numbers that go into the extension's keys.
    const parts = ["FROM_APP", "FROM_DEVICE"];
    const missing = chosen
      .map(({ name }) => name)
      .filter((name) => !isListed(name) && !between(name) && !parts.includes(name));
    expect(missing).to.deep.equal([]);
  });
});
