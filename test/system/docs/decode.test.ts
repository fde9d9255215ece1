/** `wifi-binding decode docs/handshake.md` prints what the document says of each frame. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { Run, temporaryFolder } from "../../unit/tools/command/harness.js";
import { AUTH_KEY, FRAMES, RANDOM } from "./handshake.js";

interface Event {
  event: string;
  cmd: string;
  checksum: string;
  sealed?: string;
  problems: string[];
  hex: string;
  nodes: { id: number; name?: string; value?: unknown; meaning?: string; secret?: true; children?: Event["nodes"] }[];
}

const DOCUMENT = "docs/handshake.md";
const text = readFileSync(DOCUMENT, "utf8");
const { pop } = JSON.parse(readFileSync("test/vectors/level1.json", "utf8"));

/** What the document says of a command's ids: "7031…: 3 PK, 4 DK, 5 the device's own IPv4 address". */
function saidIds(cmd: string): Map<number, string> {
  const sentence =
    new RegExp(`\\b${cmd}\\b[^.:]*?:\\s((?:\\d+ [^.:]*?(?:\\([^)]*\\))?[,.]\\s*)+)`).exec(text)?.[1] ?? "";
  return new Map(
    [...sentence.matchAll(/(\d+) ([^,.]+)/g)].map(([, id, words]) => [Number(id), words.replace(/\s+/g, " ")]),
  );
}

describe("command: decode, on docs/handshake.md", () => {
  const folder = temporaryFolder();
  const events: Event[] = [];
  let people = "";
  before(async () => {
    const popFile = join(folder, "pop.txt");
    writeFileSync(popFile, pop);
    const keys = ["--auth-key", AUTH_KEY, "--pop-file", popFile];
    const run = new Run("decode", ...keys, "--json", DOCUMENT);
    expect(await run.status, run.err.join()).to.equal(0);
    events.push(...(run.events() as unknown as Event[]));
    const second = new Run("decode", ...keys, DOCUMENT);
    expect(await second.status).to.equal(0);
    people = second.out.join("\n");
  });

  it("decodes every frame of the document, and nothing else", () => {
    expect(events.map(({ event, cmd }) => [event, cmd])).to.deep.equal(
      FRAMES.map(([name]) => ["frame", name.slice(0, 4)]),
    );
    for (const { problems, checksum } of events) expect([checksum, problems]).to.deep.equal(["ok", []]);
    events.forEach(({ hex }, i) => {
      const bytes = Buffer.from(FRAMES[i][1], "latin1").toString("hex").toUpperCase().match(/../g)!;
      const masked = hex.split(" ").map((pair, at) => (pair === "**" ? bytes[at] : pair));
      expect(masked).to.deep.equal(bytes);
    });
  });

  it("opens what the document calls sealed", () => {
    const [session, proof] = [text.indexOf("Behind a good 7035"), text.indexOf("From 70E3 on every frame")];
    let at = 0;
    events.forEach(({ sealed, nodes, cmd }, i) => {
      at = text.indexOf(FRAMES[i][0] + "\n", at);
      const inside = at > session && (at < text.indexOf("## The proof") || at > proof);
      const clear = !nodes.length || /^703[78]$/.test(cmd) || FRAMES[i][0] === "70E7 proof needed";
      if (!clear) expect(sealed, FRAMES[i][0]).to.equal(inside ? "opened" : undefined);
    });
  });

  const ids: [cmd: string, names: Record<number, string>][] = [
    ["7031", { 3: "PK", 4: "DK", 5: "address", 6: "port", 7: "version" }],
    ["7010", { 1: "SSID", 2: "password", 11: "seconds", 13: "server" }],
    ["7011", { 5: "seconds", 7: "PK", 8: "DK", 9: "bindingCode" }],
    ["70E1", { 2: "random of the device", 4: "lock-out" }],
    ["70E3", { 6: "accepted", 7: "proof of the device" }],
  ];
  for (const [cmd, names] of ids) {
    it(`calls the ids of ${cmd} as the document does`, () => {
      const said = saidIds(cmd);
      const nodes = events.filter((event) => event.cmd === cmd).flatMap((event) => event.nodes);
      for (const [id, word] of Object.entries(names)) {
        expect(said.get(Number(id))?.toLowerCase() ?? `no id ${id}`).to.contain(word.toLowerCase());
        const printed = nodes.find((node) => node.id === Number(id))?.name ?? "";
        expect(printed.toLowerCase()).to.contain(word.toLowerCase());
      }
    });
  }

  it("prints the values that the document names", () => {
    const values = (name: string) => {
      const { nodes } = events[FRAMES.findIndex(([label]) => label === name)];
      return nodes.map(({ id, value, meaning }) => [id, meaning ?? value]);
    };
    expect(text).to.contain("device is `ABCD12345678` of product `p1demo`");
    expect(values("7031 answer").slice(0, 4)).to.deep.equal([[3, "p1demo"], [4, "ABCD12345678"], [5, "192.0.2.17"], [6, 6607]]); // prettier-ignore
    expect(values("7033 random")).to.deep.equal([[1, RANDOM]]);
    expect(values("7035 logged in")).to.deep.equal([[3, "logged in"]]);
    expect(values("7035 logged in already")).to.deep.equal([[3, "logged in already"]]);
    expect(values("7036 not done")).to.deep.equal([[1, "not done"]]);
    expect(values("0011 read 1 and 43").map(([id]) => id)).to.deep.equal([1, 43]);
    expect(values("0013 write 43 = true")).to.deep.equal([[43, true]]);
    expect(values("70E4 router")).to.deep.equal([[10, "router"]]);
    expect(values("70E4 wrong password")).to.deep.equal([[10, "failure"], [11, "password"]]); // prettier-ignore
  });

  it("prints no password", () => {
    for (const said of [people, JSON.stringify(events)]) {
      expect(said).not.to.match(/right-password|72 69 67 68 74/);
      expect(said).to.contain("**");
    }
  });
});
