/** `wifi-binding forget`: the development cloud forgets a device, as if it had never come. */
import type { Command } from "commander";
import { loadProducts } from "../../sim/cloud/index.js";
import { FailedError, systemCode, UsageError } from "../../sim/errors.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { deviceKey, httpUrl, productKey } from "./values.js";

interface Options {
  cloud: string;
  products: string;
  pk?: string;
  dk: string;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding forget --cloud http://127.0.0.1:8080 --products demo.json --dk A1B2C3D4E5F6

Bindings, DeviceSecret, bindingSecret and codes of the device are gone at the cloud; the device authenticates anew. The
operator's token comes from the products file.`;

interface Answer {
  code: number;
  msg: string;
  extMsg: string;
}

async function call(
  { cloud, dk }: Options,
  pk: string,
  operator: string | undefined,
  stop: AbortSignal,
): Promise<Answer> {
  const url = `${cloud.replace(/\/+$/, "")}/dev/devices/${pk}/${dk}`;
  const headers: Record<string, string> = operator ? { authorization: operator } : {};
  try {
    const response = await fetch(url, { method: "DELETE", headers, signal: stop });
    return (await response.json()) as Answer;
  } catch (error) {
    stop.throwIfAborted();
    throw new FailedError(`no development cloud at ${cloud} (${systemCode(error) ?? "no answer"}): check the URL`);
  }
}

async function act(options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const { products, operator } = loadProducts(options.products);
  const pk = options.pk ?? products[0].pk;
  if (!products.some((product) => product.pk === pk)) throw new UsageError(`${options.products} has no product ${pk}`);
  const { code, msg, extMsg } = await call(options, pk, operator, io.stop);
  if (code !== 200) throw new FailedError(`not forgotten: the cloud answers ${code}, ${msg} (${extMsg})`);
  output.tell({ event: "forgotten", pk, dk: options.dk }, `forgotten: ${options.dk} (${pk})`);
}

export function addForget(program: Command, io: Io): void {
  program
    .command("forget")
    .description("make the development cloud forget a device")
    .requiredOption("--cloud <url>", "URL of the binding API", httpUrl)
    .requiredOption("--products <file>", "products file, as `cloud` writes it")
    .requiredOption("--dk <DeviceKey>", "the device", deviceKey)
    .option("--pk <ProductKey>", "its product; default: the first of the products file", productKey)
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}
