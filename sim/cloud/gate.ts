/**
 * What is between a device's socket and the broker, for what the broker itself has no mind of: packets that are too
 * large, other versions of MQTT, and a CONNECT that is repeated because CONNACK was late, as the vendor's SDK does.
 */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** Bytes of a packet's body. */
const LARGEST = 65_536;
const CONNECT = 1;
/** CONNACK: unacceptable protocol version. */
const WRONG_VERSION = Buffer.of(0x20, 2, 0, 1);
const MQTT_3_1_1 = 4;

/** The length of a packet's body and of the header before it; undefined while bytes are missing, NaN for none. */
function measure(bytes: Buffer): { header: number; body: number } | undefined {
  let body = 0;
  for (let at = 1; at <= 4; at++) {
    if (at >= bytes.length) return undefined;
    body += (bytes[at] & 127) * 128 ** (at - 1);
    if (bytes[at] < 128) return { header: at + 1, body };
  }
  return { header: 5, body: NaN };
}

/** The level of the protocol in a CONNECT. */
function levelOf(packet: Buffer): number {
  const name = packet.length >= 2 ? packet.readUInt16BE(0) : 0;
  return packet[2 + name] ?? 0;
}

export class Gate extends Duplex {
  private rest: Buffer = Buffer.alloc(0);
  private connected = false;

  /** @param refused told why a connection is ended here */
  constructor(
    private readonly socket: Socket,
    private readonly refused: (why: string) => void,
  ) {
    super({ allowHalfOpen: false });
    socket.on("data", (data) => this.arrived(data));
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  get address(): string | undefined {
    return this.socket.remoteAddress;
  }

  get bytesWritten(): number {
    return this.socket.bytesWritten;
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }

  private arrived(data: Buffer): void {
    this.rest = this.rest.length ? Buffer.concat([this.rest, data]) : data;
    for (;;) {
      const size = measure(this.rest);
      if (!size) return;
      // Refused before it has come: nothing of it is kept.
      if (!(size.body <= LARGEST)) return this.refuse(`a packet of more than ${LARGEST} bytes`);
      const end = size.header + size.body;
      if (this.rest.length < end) return;
      const packet = this.rest.subarray(0, end);
      this.rest = this.rest.subarray(end);
      if (!this.passes(packet, size.header)) continue;
      if (!this.push(packet)) this.socket.pause();
    }
  }

  private passes(packet: Buffer, header: number): boolean {
    if (packet[0] >> 4 !== CONNECT) return true;
    if (this.connected) return false;
    this.connected = true;
    const level = levelOf(packet.subarray(header));
    if (level === MQTT_3_1_1) return true;
    this.socket.write(WRONG_VERSION);
    this.refuse(`MQTT of level ${level}: this broker speaks 3.1.1 (level ${MQTT_3_1_1})`);
    return false;
  }

  private refuse(why: string): void {
    this.rest = Buffer.alloc(0);
    this.socket.removeAllListeners("data").resume();
    this.refused(why);
    this.end();
    this.push(null);
  }
}
