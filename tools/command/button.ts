/** The button of a simulated device: its keys at a terminal, and the same for another process on this machine. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { FailedError, messageOf, systemCode } from "../../sim/errors.js";
import type { Device } from "../../sim/emulator/index.js";

/** Where a device that runs on this machine has its button, at its own address. */
export const BUTTON_PORT = 40003;

/** The pin of the button. */
export const BUTTON = "BTN1";

/** Presses by their length in milliseconds, in words, and what the plain firmware makes of them. */
export const PRESSES = {
  open: { key: "w", holds: 100, long: "shortly", does: "opens a binding window" },
  provision: { key: "p", holds: 5200, long: "for 5 s", does: "opens provisioning" },
  reset: { key: "r", holds: 10_200, long: "for 10 s", does: "resets the device" },
} as const;

export type Press = keyof typeof PRESSES;

export const isPress = (text: string): text is Press => Object.hasOwn(PRESSES, text);

/** The press that a key means. */
export function pressOf(key: string): Press | undefined {
  return (Object.keys(PRESSES) as Press[]).find((press) => PRESSES[press].key === key);
}

type Pressed = Pick<Device, "pins">;

/** Presses the button of a device, and lets it go. */
export function press({ pins }: Pressed, what: Press): Promise<void> {
  return pins.press(BUTTON, PRESSES[what].holds);
}

const LONGEST = 256;
/** A long press and some more. */
const ANSWER_MS = 15_000;

/** One line of a socket, or what has come of it when it ends. */
function lineOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const hear = (chunk: string): void => {
      text += chunk;
      if (text.includes("\n") || text.length > LONGEST) resolve(text.split("\n", 1)[0]);
    };
    socket.setEncoding("utf8").on("data", hear);
    for (const end of ["end", "close"]) socket.once(end, () => resolve(text));
  });
}

async function serve(socket: Socket, device: Pressed): Promise<void> {
  const what = (await lineOf(socket)).trim();
  try {
    if (!isPress(what)) throw new FailedError("give open, provision or reset");
    await press(device, what);
    socket.end("done\n");
  } catch (error) {
    socket.end(`${messageOf(error)}\n`);
  }
}

/** Lets other processes press the button of a device. @returns what ends that */
export async function serveButton(device: Pressed, host: string): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.on("close", () => sockets.delete(socket)).setTimeout(ANSWER_MS, () => socket.destroy());
    serve(socket, device).catch(() => socket.destroy());
  });
  await once(server.listen(BUTTON_PORT, host), "listening");
  return async () => {
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  };
}

/** Presses the button of a device in another process. @throws FailedError */
export async function pressAt(host: string, what: Press): Promise<void> {
  const socket = connect(BUTTON_PORT, host);
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error("no answer")));
  try {
    await once(socket, "connect");
    socket.write(`${what}\n`);
    const answer = await lineOf(socket);
    if (answer !== "done") throw new FailedError(`the device at ${host} did nothing: ${answer || "no answer"}`);
  } catch (error) {
    if (error instanceof FailedError) throw error;
    const why = systemCode(error) ?? messageOf(error);
    throw new FailedError(`no button at ${host} (${why}): start a device there by \`wifi-binding device\``);
  } finally {
    socket.destroy();
  }
}
