/** `wifi-binding tap`: stands between a device and its cloud, or an app and a device, and shows what passes. */
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { Option, type Command } from "commander";
import { LAN_TCP_PORT } from "../../src/codec/commands.js";
import { parseServer } from "../../src/codec/server.js";
import { captureLine, type Piece } from "../../sim/decode/capture.js";
import { FailedError, messageOf, systemCode, UsageError } from "../../sim/errors.js";
import { reachable } from "../../sim/listen.js";
import { startTap, type TapOptions, type Target } from "../../sim/tap/index.js";
import { tapDiscovery, type DiscoveryTap } from "../../sim/tap/discovery.js";
import { readTextFile } from "../../sim/text-file.js";
import { addKeys, type KeyOptions } from "./decode.js";
import { stopped, type Io } from "./io.js";
import { holderOn } from "./listeners.js";
import { addListening, certificateOf, exposure, tellCertificate, type ListeningOptions } from "./listening.js";
import { Output } from "./output.js";
import { View } from "./tap-view.js";
import { ipv4, mqttUrl, port } from "./values.js";

interface Options extends KeyOptions, ListeningOptions {
  listen?: number;
  to?: string;
  lan?: string;
  ca?: string;
  insecure?: boolean;
  save?: string;
  console?: number;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding tap --listen 1884 --to mqtt://127.0.0.1:1883
  wifi-binding tap --listen 1884 --to mqtts://cloud.example:8886 --host 0.0.0.0 --save first.jsonl
  wifi-binding tap --listen 1884 --to mqtt://127.0.0.1:1883 --console 8081
  wifi-binding tap --lan 192.168.1.17 --auth-key HfrVOCTfakP9KXKkuC/fYg== --host 127.0.0.2

The device is configured with the tap as its server, by mqtt://, or by mqtts:// with --tls-self or --tls-cert; the tap
speaks TLS to a server of mqtts://. With --lan an app talks to the tap as to the device: TCP 6607, and discovery on UDP
6606. What passes is not changed. Secrets are left out of what is printed; the file of --save has every byte, secrets
too, and only you can read it: \`wifi-binding decode FILE\`, or Load in the console's Traffic (docs/console.md).
--console shows the same as that view, live, at http://127.0.0.1:PORT. Every program of this machine can open it and show
the secrets of the last 1,000 frames by hand; no other machine can, whatever --host is.`;

/** The file that all bytes go to. */
class Saved {
  private readonly file: number;
  private isEmpty = true;

  constructor(private readonly path: string) {
    try {
      this.file = openSync(path, "wx", 0o600);
    } catch (error) {
      if (systemCode(error) === "EEXIST") throw new UsageError(`${path} exists: give another path`);
      throw new UsageError(`${path} cannot be written (${systemCode(error)}): give another path`);
    }
  }

  write(piece: Piece): void {
    this.isEmpty = false;
    try {
      writeSync(this.file, captureLine(piece) + "\n");
    } catch (error) {
      throw new FailedError(`${this.path} cannot be written (${systemCode(error) ?? messageOf(error)}): the tap ends`);
    }
  }

  /** A tap that could not begin leaves no file in the way of the next attempt. */
  close(): void {
    closeSync(this.file);
    if (this.isEmpty) rmSync(this.path, { force: true });
  }
}

function targetOf({ to, lan, ca, insecure }: Options): Target {
  if ((to === undefined) === (lan === undefined)) throw new UsageError("give either --to URL or --lan ADDRESS");
  if (lan !== undefined) {
    if (ca || insecure) throw new UsageError("--ca and --insecure go with --to mqtts://…");
    return { host: lan, port: LAN_TCP_PORT };
  }
  const { host, port: number, secure } = parseServer(to!)!;
  if (!secure && (ca || insecure)) throw new UsageError("--ca and --insecure go with --to mqtts://…");
  return { host, port: number, secure, insecure, ca: ca === undefined ? undefined : readTextFile(ca) };
}

/** @param another options that name another place to listen */
function inUse(error: unknown, host: string, another = "--listen or --host"): Error {
  const { port: number } = error as { port?: number };
  if (systemCode(error) === "EADDRINUSE") {
    return new FailedError(
      `port ${number} of ${host} is in use${holderOn("tcp", number, host)}: stop it, or give another ${another}`,
    );
  }
  if (systemCode(error) === "EACCES") return new FailedError("that port needs more rights: give one above 1023");
  return error instanceof Error ? error : new FailedError(messageOf(error));
}

/** Listens until it is stopped. */
async function listen(world: TapOptions, view: View, options: Options, output: Output, until: Promise<unknown>) {
  const { host, lan } = options;
  const { tls, to } = world;
  let discovery: DiscoveryTap | undefined;
  const tap = await startTap(world).catch((error: unknown) => {
    throw inUse(error, host);
  });
  try {
    // A device tells this port by discovery.
    if (lan !== undefined && tap.port === LAN_TCP_PORT) {
      discovery = await tapDiscovery(host, lan, world.onPiece).catch((error: unknown) => {
        throw inUse(error, host);
      });
    }
    const place = `${reachable(tap.host)}:${tap.port}`;
    const url = lan === undefined ? { url: `${tls ? "mqtts" : "mqtt"}://${place}` } : {};
    view.page?.name(url.url ?? place, options.to ?? `${to.host}:${to.port}`);
    const shown = view.page && { console: view.page.url };
    output.announce({ event: "listening", host: tap.host, port: tap.port, ...url, ...shown });
    if (view.page) output.hint(`Console: ${view.page.url}`);
    if (tls) tellCertificate(tls, output);
    exposure(host, "passes on what any machine of its networks sends to it", output);
    await until;
  } finally {
    discovery?.stop();
    await tap.stop();
  }
}

async function act(options: Options, io: Io): Promise<void> {
  const to = targetOf(options);
  const tls = certificateOf(options);
  const { host, lan, listen: port = lan === undefined ? undefined : LAN_TCP_PORT } = options;
  if (port === undefined) throw new UsageError("give the port to listen on by --listen, 0 for any free one");
  if (options.console && options.console === port)
    throw new UsageError("--console and the tap need ports of their own");
  const output = new Output(io, Boolean(options.json));
  const view = new View(output, options);
  const saved = options.save === undefined ? undefined : new Saved(options.save);
  let fail: (error: unknown) => void = () => {};
  const failure = new Promise<never>((_, reject) => (fail = reject));
  // Whoever waits for it hears of it; until then it is no unhandled one.
  failure.catch(() => {});
  const onPiece = (piece: Piece): void => {
    try {
      saved?.write(piece);
    } catch (error) {
      fail(error);
    }
    view.piece(piece);
  };
  const client = lan === undefined ? "device" : "app";
  const world: TapOptions = { host, port, to, tls, client, onPiece, onEvent: (event) => view.event(event) };
  try {
    if (options.console !== undefined) {
      await view.open(options.console).catch((error: unknown) => {
        throw inUse(error, "127.0.0.1", "--console");
      });
    }
    await listen(world, view, options, output, Promise.race([stopped(io), failure]));
  } finally {
    await view.page?.stop();
    saved?.close();
  }
}

export function addTap(program: Command, io: Io): void {
  const command = program
    .command("tap")
    .description("stand between a device and its cloud, or an app and a device, and show what passes")
    .addOption(new Option("--listen <port>", "port to listen on; default with --lan: 6607").argParser(port))
    .addOption(new Option("--to <url>", "MQTT server that connections go on to").argParser(mqttUrl))
    .addOption(new Option("--lan <address>", "in its place, the device whose LAN session is passed on").argParser(ipv4))
    .option("--ca <file>", "certificates (PEM) that the server's is checked by, in place of the system's")
    .option("--insecure", "take any certificate of the server")
    .option("--save <file>", "where to keep every byte, for `decode` and the console");
  command.addOption(
    new Option("--console <port>", "port of 127.0.0.1 for a page that shows what passes, 0 for any").argParser(port),
  );
  addKeys(addListening(command))
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}
