/** Web Serial as the link to a device's console: the flashing code of the command takes it as any other. */
import { Console, type ConsoleOptions } from "../../tools/flash/console.js";
import type { Link } from "../../tools/flash/link.js";

/** Of every ESP32 board's console. */
const BAUD = 115200;
const NAME = "the port";

/** The part of Web Serial that is used here; TypeScript's DOM has none of it. */
interface SerialPort {
  /** Another stream after each fault of the line, null when the port has gone. */
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  open(options: { baudRate: number }): Promise<void>;
  close(): Promise<void>;
}

const serial = () => (navigator as { serial?: { requestPort(): Promise<SerialPort> } }).serial;

export const hasSerial = (): boolean => serial() !== undefined;

export class Port {
  /** When the port can be opened again. */
  private closed: Promise<void> = Promise.resolve();

  private constructor(private readonly port: SerialPort) {}

  /** Lets the person choose a port. */
  static async choose(): Promise<Port> {
    return new Port(
      await serial()!
        .requestPort()
        .catch((error: unknown) => {
          throw new Error("no port was chosen: begin again, and choose the board's in the browser's list", {
            cause: error,
          });
        }),
    );
  }

  /** Opens it and waits until Espruino answers. @throws FailedError, or what the browser says */
  async console(options: ConsoleOptions = {}): Promise<Console> {
    await this.closed;
    await this.port.open({ baudRate: BAUD }).catch((error: unknown) => {
      throw new Error("the port does not open: end the program or the tab that has it, and plug the cable in anew", {
        cause: error,
      });
    });
    return Console.over(NAME, this.link(), options);
  }

  private link(): Link {
    const { port } = this;
    const writer = port.writable!.getWriter();
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    let open = true;
    let heard = (_: Uint8Array): void => {};
    let ended = (): void => {};
    const read = async (): Promise<void> => {
      while (open && port.readable) {
        reader = port.readable.getReader();
        try {
          for (let next = await reader.read(); !next.done; next = await reader.read()) heard(next.value);
          open = false;
        } catch {
          // A fault of the line, such as the noise of a boot: the port has another stream then, or is gone.
        } finally {
          reader.releaseLock();
        }
      }
      await writer.abort().catch(() => {});
      writer.releaseLock();
      await port.close().catch(() => {});
      ended();
    };
    // What listens is set before the first byte can come.
    this.closed = Promise.resolve().then(read);
    return {
      write: (bytes) => writer.write(bytes),
      onData: (listener) => (heard = listener),
      onClose: (listener) => (ended = listener),
      close: () => {
        open = false;
        void reader?.cancel().catch(() => {});
      },
    };
  }
}
