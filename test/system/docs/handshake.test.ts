/** docs/handshake.md shows frames as they travel: every one is made anew and compared. */
import { readFileSync } from "node:fs";

import { expect } from "chai";

import { AUTH_KEY, FRAMES, RANDOM, render } from "./handshake.js";

describe("docs/handshake.md", () => {
  const text = readFileSync("docs/handshake.md", "utf8");

  for (const frame of FRAMES) {
    it(`shows ${frame[0]} as the codec makes it`, () => {
      expect(text).to.contain(render(frame) + "\n");
    });
  }

  it("shows no other frame", () => {
    expect(text.match(/^ {2}AA AA .*$/gm)).to.have.length(FRAMES.length);
  });

  it("names the known answers that it takes the secrets from", () => {
    const { pop, keyHex, encKeyHex, macKeyHex } = JSON.parse(readFileSync("test/vectors/level1.json", "utf8"));
    for (const value of [AUTH_KEY, pop, keyHex, encKeyHex, macKeyHex]) expect(text).to.contain(value);
    const bytes = Buffer.from(RANDOM).toString("hex").toUpperCase().match(/../g)!.join(" ");
    expect(text.replaceAll(/\n +/g, " ")).to.contain(bytes);
  });
});
