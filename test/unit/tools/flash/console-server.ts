/** A console on loopback as Espruino serves it: packets in, packets out, evaluated by whoever is behind it. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

/** What evaluates; a thrown error is answered as the device does, by NAK. */
export type Evaluate = (expression: string) => Promise<unknown>;

const HEADER = 4;

function answer(value: unknown): Buffer {
  const text = JSON.stringify(value);
  const header = [6, 16, 1, text.length >> 8, text.length & 255];
  return Buffer.concat([Buffer.from(header), Buffer.from(text, "latin1")]);
}

/** Takes the first whole packet off the front of `bytes`; what stands before it was typed. */
function takePacket(bytes: Buffer): { typed: string; expression?: string; rest: Buffer } {
  const start = bytes.indexOf(Buffer.from([16, 1]));
  if (start < 0) return { typed: bytes.toString("latin1"), rest: Buffer.alloc(0) };
  const typed = bytes.toString("latin1", 0, start);
  const length = bytes.length - start < HEADER ? Infinity : bytes.readUInt16BE(start + 2) & 0x1fff;
  const end = start + HEADER + length;
  if (bytes.length < end) return { typed, rest: bytes.subarray(start) };
  return { typed, expression: bytes.toString("latin1", start + HEADER, end), rest: bytes.subarray(end) };
}

export class ConsoleServer {
  /** All bytes that came. */
  received = "";
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => this.serve(socket));

  private constructor(
    private readonly evaluate: Evaluate,
    private readonly onTyped: (text: string, socket: Socket) => void,
  ) {}

  /** @param onTyped told what comes outside of packets */
  static async start(evaluate: Evaluate, onTyped: ConsoleServer["onTyped"] = () => {}): Promise<ConsoleServer> {
    const console = new ConsoleServer(evaluate, onTyped);
    console.server.listen(0, "127.0.0.1");
    await once(console.server, "listening");
    return console;
  }

  get port(): string {
    return `tcp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Lets the line of a program appear. */
  print(line: string): void {
    for (const socket of this.sockets) socket.write(`${line}\r\n`, "latin1");
  }

  /** Sends the answer to a question that somebody else has asked. */
  send(value: unknown): void {
    for (const socket of this.sockets) socket.write(answer(value));
  }

  /** Resets the connections, and goes on listening. */
  reset(): undefined {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private serve(socket: Socket): void {
    let pending: Buffer = Buffer.alloc(0);
    this.sockets.add(socket);
    socket.on("error", () => {}).on("close", () => this.sockets.delete(socket));
    socket.on("data", (bytes: Buffer) => {
      this.received += bytes.toString("latin1");
      const { typed, expression, rest } = takePacket(Buffer.concat([pending, bytes]));
      pending = Buffer.from(rest);
      if (typed) this.onTyped(typed, socket);
      if (expression === undefined) return;
      this.evaluate(expression).then(
        (value) => value !== undefined && socket.write(answer(value)),
        () => socket.write("\x15"),
      );
    });
  }
}
