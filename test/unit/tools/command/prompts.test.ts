/** Questions on a terminal, with streams in its place. */
import { PassThrough } from "node:stream";

import { expect } from "chai";

import { terminalPrompts } from "../../../../tools/command/prompts.js";
import { failure } from "../../sim/app/fake-device.js";

describe("command: prompts", () => {
  let keys: PassThrough;
  let shown: string;
  let stop: AbortController;
  const ask = () => {
    const screen = new PassThrough();
    screen.on("data", (data) => (shown += data));
    return terminalPrompts(keys, screen, stop.signal, () => stop.abort(new Error("interrupted")));
  };
  const type = (text: string) => setTimeout(() => keys.write(text), 20);

  beforeEach(() => {
    keys = new PassThrough();
    shown = "";
    stop = new AbortController();
  });

  it("numbers the choices and asks again until one of them is chosen", async () => {
    const choice = ask().choose("Which?", ["red", "green"]);
    ["\r", "3\r", "x\r", "2\r"].forEach((text, at) => setTimeout(() => keys.write(text), 20 * (at + 1)));
    expect(await choice).to.equal(1);
    expect(shown).to.contain("   1  red\n   2  green\n").and.contain("Which? [1-2] ");
  });

  it("does not show a secret", async () => {
    const secret = ask().secret("Password:");
    type("corect\x7f\x7f\x7fr");
    type("ect horse\r");
    expect(await secret).to.equal("correct horse");
    expect(shown).to.equal("Password: \n");
  });

  for (const [name, key] of [
    ["Ctrl-C", "\x03"],
    ["Ctrl-D", "\x04"],
  ]) {
    // prettier-ignore
    it(`ends by ${name}`, async () => {
      const secret = ask().secret("Password:");
      type(key);
      expect((await failure(secret)).name).to.equal("AbortError");
      expect(stop.signal.aborted).to.equal(true);
    });
  }

  it("ends when the command is to end", async () => {
    const choice = ask().choose("Which?", ["red"]);
    setTimeout(() => stop.abort(), 20);
    expect((await failure(choice)).name).to.equal("AbortError");
    expect((await failure(ask().secret("Password:"))).name).to.equal("AbortError");
  });
});
