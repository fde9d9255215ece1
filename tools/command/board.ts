/** `wifi-binding board`: the real interpreter with the simulated radio, as a board to flash. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Command } from "commander";

import { findEspruino, startBoard, TELNET_PORT, type AccessPoint, type Board } from "../../sim/emulator/index.js";
import { FailedError, messageOf, UsageError } from "../../sim/errors.js";
import { LAN_TCP_PORT, LAN_UDP_PORT } from "../../src/codec/commands.js";
import { consoleEvent, consoleLine } from "./events.js";
import { stopped, type Io } from "./io.js";
import { listenersOn } from "./listeners.js";
import { NETWORK_HELP } from "./network.js";
import { Output } from "./output.js";
import { networks } from "./values.js";

interface Options {
  ap?: AccessPoint[];
  folder?: string;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding board --ap home:password
  wifi-binding board --ap home:password --folder ./board

It is empty, as a module with erased flash, and its console is at tcp://127.0.0.1:${TELNET_PORT}. In another terminal:
  wifi-binding identity write --port tcp://127.0.0.1:${TELNET_PORT} --pk p1ABCD --ps-file ps.txt
  wifi-binding flash --port tcp://127.0.0.1:${TELNET_PORT} --server mqtt://127.0.0.1:1883
  wifi-binding bind --cloud http://127.0.0.1:8080 --products demo.json --ssid home --password-file wifi.txt

The firmware closes the console once it runs, for good, unless its options say "debug": true: write the identity first. --folder keeps
the board's flash, and a board that is kept has its networks. The interpreter (Linux build of Espruino 2v29, on the PATH or
in $ESPRUINO) listens on every address of this machine, which others on the network can reach: use it on a network that you
trust.`;

/** Of its console, and those that the firmware listens on. */
const PORTS = [
  ["tcp", TELNET_PORT],
  ["tcp", LAN_TCP_PORT],
  ["udp", LAN_UDP_PORT],
] as const;

/** @throws FailedError that says who is in the way: the interpreter listens on every address */
function demandPorts(): void {
  for (const [protocol, port] of PORTS) {
    const [holder] = listenersOn(protocol, port);
    if (!holder) continue;
    const who = holder.pid ? `, by process ${holder.pid} (${holder.name})` : "";
    throw new FailedError(`port ${port} is in use${who}: stop it, a board has this port`);
  }
}

async function act({ ap = [], folder, json }: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(json));
  const binary = findEspruino();
  if (!binary) throw new UsageError("no `espruino` found: put it on the PATH, or name it in $ESPRUINO");
  demandPorts();
  const place = folder ?? mkdtempSync(join(tmpdir(), "board-"));
  const died = new AbortController();
  let board: Board | undefined;
  try {
    board = await startBoard({
      ...{ binary, folder: place, networks: ap },
      onLine: (line) => output.tell(consoleEvent(line), consoleLine(line, output)),
      onDeath: (why) => died.abort(why),
    }).catch((error) => {
      throw new FailedError(`the board does not start: ${messageOf(error)}`);
    });
    output.announce({ event: "board", port: board.port, folder, kept: board.known });
    await Promise.race([stopped(io), new Promise((resolve) => died.signal.addEventListener("abort", resolve))]);
    if (died.signal.aborted && !io.stop.aborted) throw new FailedError(`the board has ended: ${died.signal.reason}`);
  } finally {
    await board?.stop();
    if (!folder) rmSync(place, { recursive: true, force: true });
  }
}

export function addBoard(program: Command, io: Io): void {
  program
    .command("board")
    .description("run the real interpreter with the simulated radio, as a board to flash")
    .option("--ap <SSID:PASSWORD>", NETWORK_HELP, networks)
    .option("--folder <directory>", "where its flash is kept; default: it ends with the command")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}
