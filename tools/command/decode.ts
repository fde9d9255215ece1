/** `wifi-binding decode`: frames and MQTT connections, for people. */
import { existsSync } from "node:fs";
import { Option, type Command } from "commander";
import { readHex, type Piece } from "../../sim/decode/capture.js";
import { DecodedConnections, type Told } from "../../sim/decode/connection.js";
import { CaptureReader } from "../../sim/decode/reader.js";
import { SessionKeys, type Secrets } from "../../sim/decode/session-keys.js";
import { FailedError, messageOf, UsageError } from "../../sim/errors.js";
import { streamBytes } from "../../sim/text-file.js";
import type { Io } from "./io.js";
import { itemLines, problemsOf } from "./item-lines.js";
import { Output } from "./output.js";
import { fromFile } from "./secrets.js";
import { authKey, loginRandom, proofOfPossession, productSecret } from "./values.js";

export interface KeyOptions {
  authKey?: string;
  key?: string;
  random?: string;
  pop?: string;
  popFile?: string;
  psFile?: string;
  showSecrets?: boolean;
}

interface Options extends KeyOptions {
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding decode AA AA 00 05 8B 03 E8 70 30
  wifi-binding decode capture.jsonl
  wifi-binding decode --auth-key HfrVOCTfakP9KXKkuC/fYg== lan.jsonl
  wifi-binding decode --auth-key HfrVOCTfakP9KXKkuC/fYg== --random q7Rt2Vx9Lm4Zk8Wd "AA AA 00 15 3F 03 EB 70 39 …"
  wifi-binding decode --ps-file ps.txt --json mqtt.bin
  xxd -p capture.bin | wifi-binding decode -

The input is hexadecimal digits, or a file: what \`tap --save\` has written, text with hexadecimal in its lines (other
lines are passed over), or bytes; frames of LAN and Bluetooth one behind the other, or an MQTT connection.
Sealed frames of the LAN are opened by the authKey and the random of 7033, which the capture holds or --random; those of
a proof of possession by --pop-file and 70E0, 70E1 of the capture. --ps-file opens id 12 of 00B4, as far as its form is
known. Secrets are left out, as **, unless --show-secrets is given.
A file is decoded as it is read, and no further when the output is read no more, as by \`head\`: the exit status is 0 then.
The exit status is 1 when anything has a fault or cannot be opened.`;

/** The options of commands that open sealed frames. */
export function addKeys(command: Command): Command {
  return command
    .addOption(
      new Option("--auth-key <base64>", "authKey of the device: opens its LAN session")
        .env("WIFI_BINDING_AUTH_KEY")
        .argParser(authKey),
    )
    .addOption(new Option("--key <base64>", "the same").argParser(authKey).hideHelp())
    .option("--pop-file <file>", "file with the proof of possession on the device's label: opens its channel")
    .option("--ps-file <file>", "file with the ProductSecret: opens id 12 of 00B4")
    .option("--show-secrets", "print secrets: Wi-Fi password, DeviceSecret, authKey…");
}

export function secretsOf(options: KeyOptions): Secrets {
  const pop = fromFile(options.popFile, undefined);
  const ps = fromFile(options.psFile, undefined);
  return {
    authKey: options.authKey ?? options.key,
    random: options.random,
    pop: pop === undefined ? undefined : proofOfPossession(pop),
    ps: ps === undefined ? undefined : productSecret(ps),
  };
}

/** Bytes that are decoded in one go. */
const STEP = 65_536;

interface Input {
  name: string;
  bytes: AsyncIterable<Uint8Array>;
}

/** The file that the arguments name; undefined where they are hexadecimal. */
function fileOf([first, ...more]: string[]): Input | undefined {
  if (more.length || (first !== "-" && !existsSync(first))) return undefined;
  return { name: first === "-" ? "standard input" : first, bytes: streamBytes(first) };
}

function argumentOf(inputs: string[]): Piece {
  try {
    return { connection: 1, bytes: readHex(inputs.join(" ")) };
  } catch (error) {
    if (inputs.length > 1) throw error;
    throw new UsageError(`there is no such file, and as hexadecimal it is none: ${messageOf(error)}`);
  }
}

/** Prints what is decoded, and counts it. */
class Printer {
  all = 0;
  faulty = 0;
  private lines: string[] = [];
  private readonly output: Output;

  constructor(
    private readonly io: Io,
    json: boolean,
  ) {
    // One write for many lines: each is a call of the system.
    this.output = new Output({ ...io, out: (line) => void this.lines.push(line) }, json);
  }

  tell(items: Told[]): void {
    for (const item of items) {
      const { kind, ...rest } = item;
      this.output.tell({ event: kind, ...rest }, this.output.json ? "" : itemLines(item, this.output.paint).join("\n"));
      this.all++;
      if (problemsOf(item).length) this.faulty++;
    }
  }

  hint(text: string): void {
    this.output.hint(text);
  }

  /** Waits until it has been taken: what waits for a slow reader is memory. */
  async flush(): Promise<void> {
    if (this.lines.length) this.io.out(this.lines.join("\n"));
    this.lines = [];
    await this.io.drained?.();
  }
}

/** @returns whether all was decoded, and not ended before */
async function decodeFile({ name, bytes }: Input, decoded: DecodedConnections, printer: Printer, ended: () => boolean) {
  const reader = new CaptureReader(name);
  const take = async (pieces: Iterable<Piece>): Promise<void> => {
    for (const piece of pieces) {
      for (let at = 0; at < piece.bytes.length && !ended(); at += STEP) {
        printer.tell(decoded.push({ ...piece, bytes: piece.bytes.subarray(at, at + STEP) }));
        if (at + STEP < piece.bytes.length) await printer.flush();
      }
    }
    await printer.flush();
  };
  for await (const chunk of bytes) {
    await take(reader.push(chunk));
    if (ended()) return reader;
  }
  await take(reader.end());
  return reader;
}

async function act(inputs: string[], options: Options, io: Io): Promise<void> {
  let closed = false;
  io.onClosed?.(() => (closed = true));
  const ended = (): boolean => closed || io.stop.aborted;
  const printer = new Printer(io, Boolean(options.json));
  const secrets = secretsOf(options);
  const { showSecrets } = options;
  const decoded = new DecodedConnections({ showSecrets, keys: () => new SessionKeys(secrets) });
  const file = fileOf(inputs);
  const name = file?.name ?? "the argument";
  let read: Pick<CaptureReader, "passedOver" | "cut"> = { passedOver: 0 };
  if (file) read = await decodeFile(file, decoded, printer, ended);
  else printer.tell(decoded.push(argumentOf(inputs)));
  if (ended()) return;
  printer.tell(decoded.endAll());
  const { passedOver, cut } = read;
  if (passedOver) printer.hint(`${passedOver} lines without bytes were passed over`);
  await printer.flush();
  const { all, faulty } = printer;
  if (!all && !ended()) throw new FailedError(`there is not one byte in ${name}`);
  const faults = [
    ...(cut ? [`line ${cut} of ${name} is cut, and was left out`] : []),
    ...(faulty ? [`${faulty} of ${all} have a fault, or cannot be opened`] : []),
  ];
  if (faults.length && !ended()) throw new FailedError(faults.join("; "));
}

export function addDecode(program: Command, io: Io): void {
  const command = program
    .command("decode")
    .description("decode frames: hexadecimal, a capture of `tap`, or bytes")
    .argument("<hex|file...>", "hexadecimal digits, or one file, - for standard input");
  addKeys(command)
    .addOption(new Option("--random <text>", "the 16 characters of 7033, with --auth-key").argParser(loginRandom))
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((inputs: string[], options: Options) => act(inputs, options, io));
}
