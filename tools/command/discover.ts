/** `wifi-binding discover`: the devices that answer at the addresses given. */
import type { Command } from "commander";
import { discover, type Found } from "../../sim/app/index.js";
import { FailedError } from "../../sim/errors.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { addresses, productKey, seconds } from "./values.js";

interface Options {
  device: string[];
  pk?: string;
  timeout: number;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding discover
  wifi-binding discover --device 127.0.0.1 --device 127.0.0.2 --timeout 5
  wifi-binding discover --device 192.168.1.255 --json`;

function line(found: Found, output: Output): string {
  const { address, pk, dk, ip, port } = found;
  const elsewhere = ip === address ? "" : `  says it is ${ip}`;
  return `${output.paint.bold(address.padEnd(15))}  ${pk.padEnd(16)}  ${dk.padEnd(16)}  port ${port}${elsewhere}`;
}

async function act(options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const timeout = options.timeout * 1000;
  const onFound = (found: Found) => output.tell({ event: "found", ...found }, line(found, output));
  output.progress(`listening for ${options.timeout} s`);
  const devices = await discover({
    addresses: options.device,
    pk: options.pk,
    timeout,
    onFound,
    signal: io.stop,
  }).finally(() => output.progress(""));
  if (devices.length) return;
  throw new FailedError(
    `no device answers at ${options.device.join(", ")}: start one, or give its address by --device`,
  );
}

export function addDiscover(program: Command, io: Io): void {
  program
    .command("discover")
    .description("list the devices that answer discovery (UDP 6606)")
    .option("--device <address>", "address to ask, repeatable; a broadcast address asks a network", addresses)
    .option("--pk <ProductKey>", "ask only devices of this product", productKey)
    .option("--timeout <seconds>", "how long to listen", seconds(1, 600), 2)
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act({ ...options, device: options.device ?? ["127.0.0.1"] }, io));
}
