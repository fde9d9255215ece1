/** `wifi-binding decode`: frames and MQTT connections, for people. */
import { existsSync } from "node:fs";
import { Option, type Command } from "commander";
import { readCapture, readHex, type Capture } from "../../sim/decode/capture.js";
import { DecodedConnections, type Told } from "../../sim/decode/connection.js";
import { SessionKeys, type Secrets } from "../../sim/decode/session-keys.js";
import { FailedError, messageOf, UsageError } from "../../sim/errors.js";
import { readBytes } from "../../sim/text-file.js";
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

/** The bytes that the arguments name. */
function captureOf(inputs: string[]): Capture & { name: string } {
  const [first] = inputs;
  if (inputs.length === 1 && (first === "-" || existsSync(first))) {
    const name = first === "-" ? "standard input" : first;
    return { ...readCapture(readBytes(first), name), name };
  }
  try {
    return { pieces: [{ connection: 1, bytes: readHex(inputs.join(" ")) }], passedOver: 0, name: "the argument" };
  } catch (error) {
    if (inputs.length > 1) throw error;
    throw new UsageError(`there is no such file, and as hexadecimal it is none: ${messageOf(error)}`);
  }
}

function act(inputs: string[], options: Options, io: Io): void {
  const output = new Output(io, Boolean(options.json));
  const secrets = secretsOf(options);
  const { pieces, passedOver, cut, name } = captureOf(inputs);
  const { showSecrets } = options;
  const decoded = new DecodedConnections({ showSecrets, keys: () => new SessionKeys(secrets) });
  let [all, faulty] = [0, 0];
  const tell = (item: Told): void => {
    const { kind, ...rest } = item;
    output.tell({ event: kind, ...rest }, itemLines(item, output.paint).join("\n"));
    all++;
    if (problemsOf(item).length) faulty++;
  };
  for (const piece of pieces) decoded.push(piece).forEach(tell);
  decoded.endAll().forEach(tell);
  if (passedOver) output.hint(`${passedOver} lines without bytes were passed over`);
  if (!all) throw new FailedError(`there is not one byte in ${name}`);
  const faults = [
    ...(cut ? [`line ${cut} of ${name} is cut, and was left out`] : []),
    ...(faulty ? [`${faulty} of ${all} have a fault, or cannot be opened`] : []),
  ];
  if (faults.length) throw new FailedError(faults.join("; "));
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
