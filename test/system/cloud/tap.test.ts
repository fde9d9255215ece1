/** The tap passes on every byte and every end of a connection as it is. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

import { expect } from "chai";

import type { Piece } from "../../../sim/decode/capture.js";
import { UsageError } from "../../../sim/errors.js";
import { startTap, type Tap, type TapEvent, type Target } from "../../../sim/tap/index.js";
import { CERTIFICATE, KEY } from "../../unit/sim/emulator/certificate.js";

/** Everything that comes until the other side ends its half; this half stays as it is. */
async function readAll(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  socket.on("data", (piece: Buffer) => pieces.push(piece));
  await once(socket, "end");
  return Buffer.concat(pieces);
}

describe("the tap", () => {
  const ended: (() => unknown)[] = [];
  let pieces: Piece[];
  let events: TapEvent[];
  beforeEach(() => {
    pieces = [];
    events = [];
  });
  afterEach(async () => {
    for (const end of ended.splice(0).reverse()) await end();
  });

  async function listening(server: Server): Promise<number> {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ended.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  async function tap(to: Partial<Target> & { port: number }, tls?: { cert: string; key: string }): Promise<Tap> {
    const options = { port: 0, to: { host: "127.0.0.1", ...to }, tls, client: "device" as const };
    const one = await startTap({
      ...options,
      onPiece: (piece) => pieces.push(piece),
      onEvent: (event) => events.push(event),
    });
    ended.push(() => one.stop());
    return one;
  }

  function client(port: number): Socket {
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    ended.push(() => socket.destroy());
    return socket;
  }

  const seen = (direction: string): Buffer =>
    Buffer.concat(pieces.filter((piece) => piece.direction === direction).map(({ bytes }) => Buffer.from(bytes)));

  it("passes on megabytes both ways, and sees each byte once", async () => {
    const [there, back] = [randomBytes(5_000_000), randomBytes(3_000_000)];
    let arrived: Promise<Buffer> | undefined;
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      arrived = readAll(socket);
      socket.end(back);
    });
    const { port } = await tap({ port: await listening(server) });
    const socket = client(port);
    const answer = readAll(socket);
    socket.end(there);
    expect((await answer).equals(back)).to.equal(true);
    expect((await arrived!).equals(there)).to.equal(true);
    expect(seen("up").equals(there)).to.equal(true);
    expect(seen("down").equals(back)).to.equal(true);
  });

  it("holds no more than a side takes", async () => {
    let sent = 0;
    const server = createServer((socket) => {
      const more = (): void => {
        while (sent < 200_000_000 && socket.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      socket.on("drain", more);
      more();
      socket.on("error", () => {});
    });
    const { port } = await tap({ port: await listening(server) });
    // It never reads.
    const socket = client(port).pause();
    await once(socket, "connect");
    for (let last = -1; last !== sent;) {
      last = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(sent).to.be.below(100_000_000);
  });

  it("passes on the end of one half, and what comes after it", async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.resume().once("end", () => setTimeout(() => socket.end("late"), 50));
    });
    const { port } = await tap({ port: await listening(server) });
    const socket = client(port);
    socket.end("bye");
    expect(String(await readAll(socket))).to.equal("late");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events.map(({ event }) => event)).to.deep.equal(["opened", "ended"]);
  });

  it("passes on an end that the server begins", async () => {
    let arrived: Promise<Buffer> | undefined;
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      arrived = readAll(socket);
      socket.end();
    });
    const { port } = await tap({ port: await listening(server) });
    const socket = client(port);
    await readAll(socket);
    socket.end("after your end");
    await once(socket, "close");
    expect(String(await arrived!)).to.equal("after your end");
  });

  it("passes on a reset of either side", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (data) => (String(data) === "reset" ? socket.resetAndDestroy() : undefined));
    });
    const { port } = await tap({ port: await listening(server) });
    const socket = client(port);
    socket.write("reset");
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).to.equal("ECONNRESET");

    const reset = once(server, "connection").then(([other]) => once(other as Socket, "error"));
    const second = client(port);
    second.write("hello", () => setTimeout(() => second.resetAndDestroy(), 50));
    const [code] = (await reset) as [NodeJS.ErrnoException];
    expect(code.code).to.equal("ECONNRESET");
  });

  it("resets who connects while the server is away, and tells it", async () => {
    const server = createServer();
    const gone = await listening(server);
    server.close();
    const { port } = await tap({ port: gone });
    const socket = client(port);
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).to.equal("ECONNRESET");
    expect(events).to.deep.include({ event: "failed", connection: 1, why: "ECONNREFUSED" });
  });

  it("speaks TLS to the server, and takes a strange certificate only when told to", async () => {
    const server = createTlsServer({ cert: CERTIFICATE, key: KEY }, (socket) => {
      socket.on("error", () => {});
      socket.end("welcome");
    });
    const to = { port: await listening(server), secure: true };
    const strict = client((await tap(to)).port);
    await once(strict, "error");
    expect(events[1]).to.include({ event: "failed", why: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    const loose = client((await tap({ ...to, insecure: true })).port);
    expect(String(await readAll(loose))).to.equal("welcome");
    const { port } = await tap({ ...to, ca: CERTIFICATE });
    // The name does not fit the address.
    await once(client(port), "error");
    expect(events.at(-2)).to.include({ event: "failed", why: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  it("ends both sides, and can stop, when a server without TLS ends the handshake", async () => {
    const server = createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end()));
    const one = await tap({ port: await listening(server), secure: true });
    const socket = client(one.port).on("error", () => {});
    socket.write("hello");
    for (let i = 0; i < 200 && events.at(-1)?.event !== "ended"; i++) await new Promise((r) => setTimeout(r, 10));
    expect(events.map(({ event }) => event)).to.deep.equal(["opened", "failed", "ended"]);
    await one.stop();
  });

  it("refuses to pass on to itself", async () => {
    const { port } = await tap({ port: 9 });
    for (const host of ["127.0.0.1", "127.0.0.2"]) {
      const options = { host, port, to: { host, port }, client: "device" as const, onPiece: () => {} };
      const error: unknown = await startTap(options).then(
        (one) => one.stop(),
        (reason: unknown) => reason,
      );
      expect(error, host).to.be.instanceOf(UsageError);
    }
  });

  it("refuses an address that is not this machine's", async () => {
    const options = { host: "192.0.2.1", port: 0, to: { host: "127.0.0.1", port: 1 }, client: "device" as const };
    const error = await startTap({ ...options, onPiece: () => {} }).catch((thrown: Error) => thrown);
    expect(String(error)).to.match(/192\.0\.2\.1 is no address of this machine: it has 127\.0\.0\.1/);
  });
});
