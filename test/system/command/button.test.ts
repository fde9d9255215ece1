/** The button of a simulated device, pressed by another process. */
import { connect } from "node:net";
import { once } from "node:events";

import { expect } from "chai";

import { BUTTON_PORT, press, pressOf, serveButton } from "../../../tools/command/button.js";
import { failure } from "../../unit/sim/app/fake-device.js";
import { Run } from "../../unit/tools/command/harness.js";

const HOST = "127.69.0.1";

describe("command: press", () => {
  const asked: [pin: string | undefined, milliseconds: number | undefined][] = [];
  const pins = {
    press: async (pin?: string, milliseconds?: number) => void asked.push([pin, milliseconds]),
    read: async () => 0,
  };
  const device = { pins };
  let end: () => Promise<void>;

  before(async () => {
    end = await serveButton(device, HOST);
  });
  after(() => end());
  beforeEach(() => void (asked.length = 0));

  for (const [what, milliseconds] of [
    ["open", 100],
    ["provision", 5200],
    ["reset", 10_200],
  ] as const) {
    it(`${what} reaches the device of that address`, async () => {
      const run = new Run("press", what, "--device", HOST, "--json");
      expect(await run.status, run.err.join()).to.equal(0);
      expect(run.events()).to.deep.equal([{ event: "pressed", press: what, device: HOST }]);
      expect(asked).to.deep.equal([["BTN1", milliseconds]]);
    });
  }

  it("tells which button, how long, and that an application may make something else of it", async () => {
    const run = new Run("press", "reset", "--device", HOST);
    expect(await run.status, run.err.join()).to.equal(0);
    expect(run.out).to.deep.equal(["BTN1 pressed for 10 s: the plain firmware resets the device"]);
  });

  it("says that no device runs there, and refuses another word or address before it asks", async () => {
    const none = new Run("press", "open", "--device", "127.69.0.9");
    expect(await none.status).to.equal(1);
    expect(none.err[0]).to.contain("127.69.0.9").and.contain("ECONNREFUSED");
    for (const argv of [["press"], ["press", "hold"], ["press", "open", "--device", "10.0.0.1"]]) {
      expect(await new Run(...argv).status, argv.join(" ")).to.equal(2);
    }
    expect(asked).to.deep.equal([]);
  });

  it("says what the device complains of", async () => {
    const dead = { pins: { ...pins, press: () => Promise.reject(new Error("the device has no power")) } };
    expect((await failure(press(dead, "reset"))).message).to.equal("the device has no power");
  });

  it("does nothing for other words, long lines and callers that go away", async () => {
    for (const text of ["toString\n", "open", "x".repeat(5000), ""]) {
      const socket = connect(BUTTON_PORT, HOST);
      await once(socket, "connect");
      socket.end(text);
      let said = "";
      for await (const chunk of socket.setEncoding("utf8")) said += chunk;
      if (text !== "open") expect(said, text.slice(0, 20)).to.not.contain("done");
    }
    expect(asked.length, "a line without its end is a line").to.equal(1);
    expect(["w", "p", "r", "q", "x"].map(pressOf)).to.deep.equal(["open", "provision", "reset", undefined, undefined]);
  });
});
