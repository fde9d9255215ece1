/** The console against everything that may stand at the other end of a port. */
import { expect } from "chai";
import type { Socket } from "node:net";
import { openConsole, tcpAddress } from "../../../tools/flash/port-link.js";
import { Run } from "../../unit/tools/command/harness.js";
import { ConsoleServer, type Evaluate } from "../../unit/tools/flash/console-server.js";

/** As a device's eval; the wrapped expressions are plain JavaScript. */
const here: Evaluate = async (expression) => (0, eval)(expression) as unknown;
const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error: Error) => error.message,
  );

describe("flash: console", () => {
  const servers: ConsoleServer[] = [];
  const serve = async (evaluate: Evaluate, onTyped?: (text: string, socket: Socket) => void) => {
    const server = await ConsoleServer.start(evaluate, onTyped);
    servers.push(server);
    return server;
  };
  after(() => servers.forEach((server) => server.stop()));

  it("gives values, the device's own errors, and the lines that a program prints", async () => {
    const server = await serve(here);
    const lines: string[] = [];
    const device = await openConsole(server.port, { onLine: (line) => lines.push(line) });
    expect(await device.eval('({a:[1,"\\u00e9"]})')).to.deep.equal({ a: [1, "\u00e9"] });
    expect(await failure(device.eval("nope()"))).to.match(/the device says: .*nope is not defined/);
    server.print("\r>WB ready");
    await device.eval("1");
    expect(lines).to.deep.equal(["WB ready"]);
    device.close();
  });

  it("never sends the byte that interrupts a program", async () => {
    const server = await serve(here);
    const device = await openConsole(server.port);
    for (let length = 0; length < 256; length++)
      expect(await device.eval(`"${"x".repeat(length)}"`)).to.have.length(length);
    expect(server.received).not.to.include("\x03");
    device.close();
  });

  it("sends an expression again whose answer was lost", async () => {
    let calls = 0;
    const server = await serve(async (expression) => {
      if (++calls === 2) throw new Error("the packet was damaged");
      return here(expression);
    });
    const device = await openConsole(server.port);
    expect(await device.eval("7")).to.equal(7);
    expect(calls).to.equal(3);
    device.close();
  });

  it("asks again when an answer is not what was asked for, and takes no answer of another session", async () => {
    const garbled: unknown[] = [
      undefined,
      7,
      "[",
      "{}",
      "[1,2]",
      null,
      "[3]",
      "[3]#0000000",
      "!wrong#0000001",
      "",
      "[3",
    ];
    let calls = 0;
    const server = await serve(async (expression) => {
      const answer = await here(expression);
      // Two in a row are wrong, then one is right.
      return calls++ % 3 === 0 ? answer : garbled[calls % garbled.length];
    });
    const device = await openConsole(server.port);
    for (let i = 0; i < 12; i++) expect(await device.eval(`${i}`, 100)).to.equal(i);
    device.close();
  });

  it("is not put out of step by answers that a killed session has left unread", async () => {
    const left: string[] = ["[0]", "[1]", '["old"]'];
    const server = await serve(here);
    const device = await openConsole(server.port);
    for (let i = 0; i < 6; i++) {
      const stale = left.shift();
      if (stale) server.send(stale);
      expect(await device.eval(`${i}+100`)).to.equal(i + 100);
    }
    device.close();
  });

  it("says that the device does not answer any more", async () => {
    let calls = 0;
    const server = await serve(async (expression) => (++calls > 1 ? undefined : here(expression)));
    const device = await openConsole(server.port);
    expect(await failure(device.eval("7", 50))).to.match(/the device does not answer on tcp:/);
    device.close();
  });

  it("ends at once when the device goes away", async () => {
    const server = await serve(async (expression) => (expression.includes("[(1)]") ? here(expression) : undefined));
    const device = await openConsole(server.port);
    const answer = failure(device.eval("7"));
    setTimeout(() => server.stop(), 50);
    expect(await answer).to.match(/the device has closed tcp:/);
  });

  it("opens a locked console with its password only", async () => {
    let locked = true;
    const server = await serve(
      async (expression) => (locked ? undefined : here(expression)),
      (text, socket) => {
        if (text === "secret\n") locked = false;
        else if (text.endsWith("\n")) socket.write(text === "\n" ? "\r\npassword>" : "\n  Invalid password\npassword>");
      },
    );
    // Each waits as long as a device may take to boot.
    const [without, wrong] = await Promise.all([
      failure(openConsole(server.port)),
      failure(openConsole(server.port, { password: "wrong" })),
    ]);
    expect(without).to.match(/is locked: give its password/);
    expect(wrong).to.match(/wrong password/);
    const device = await openConsole(server.port, { password: "secret" });
    expect(await device.eval("7")).to.equal(7);
    device.close();
  });

  it("says when nothing answers, after it has tried to interrupt what runs", async function () {
    this.timeout(40000);
    const server = await serve(async () => undefined);
    expect(await failure(openConsole(server.port))).to.match(/no Espruino answers on tcp:/);
    expect(server.received).to.include("\x03");
  });

  it("lets Ctrl-C end a command at once while nothing answers", async () => {
    const server = await serve(async () => undefined);
    for (const words of ["flash --server mqtt://127.0.0.1:1883", "identity show", "identity erase --force"]) {
      server.received = "";
      const command = new Run(...words.split(" "), "--port", server.port);
      while (!server.received) await new Promise((resolve) => setTimeout(resolve, 10));
      const stopped = Date.now();
      expect(await command.stop(), words).to.equal(130);
      expect(Date.now() - stopped, words).to.be.below(1000);
      expect(command.err, words).to.deep.equal([]);
    }
  });

  it("is opened again by the command that follows another at once, which the board resets", async () => {
    let calls = 0;
    const server = await serve(async (expression) => {
      if (++calls > 2) return here(expression);
      server.reset();
      return undefined;
    });
    const device = await openConsole(server.port);
    expect(await device.eval("7")).to.equal(7);
    device.close();
  });

  it("is not opened for ever where the board resets each time, nor where it has answered before", async () => {
    let calls = 0;
    const server = await serve(async () => (calls++, server.reset()));
    expect(await failure(openConsole(server.port))).to.match(/the device has closed tcp:/);
    expect(calls).to.equal(3);
    const other = await serve(async () => (other.print("rst:0x1"), setTimeout(() => other.reset(), 50), calls++));
    expect(await failure(openConsole(other.port))).to.match(/the device has closed tcp:/);
    expect(calls).to.equal(4);
  });

  it("says when a port cannot be opened", async () => {
    const server = await serve(here);
    const { port } = server;
    server.stop();
    expect(await failure(openConsole(port))).to.match(/cannot open tcp:.*ECONNREFUSED/);
    expect(await failure(openConsole("/nowhere/tty"))).to.match(/^cannot open \/nowhere\/tty: [^/]*$|not installed/);
  });

  it("reads the names of ports", () => {
    expect(tcpAddress("/dev/ttyUSB0")).to.equal(undefined);
    expect(tcpAddress("tcp://127.0.0.1")).to.deep.equal({ host: "127.0.0.1", port: 23 });
    expect(() => tcpAddress("http://127.0.0.1")).to.throw(/tcp:/);
  });
});
