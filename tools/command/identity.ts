/** `wifi-binding identity`: makes the identity of one device, and its label. */
import { randomBytes } from "node:crypto";
import { Option, type Command } from "commander";
import { UsageError } from "../../sim/errors.js";
import { newDeviceKey, readIdentityFile, writePrivate, type IdentityFile } from "../factory/identity-file.js";
import { accessPointName, DISCOVERED } from "../factory/names.js";
import { newPop } from "../factory/identity-image.js";
import { terminalQr } from "../factory/labels-file.js";
import { encodeLabel } from "../factory/label.js";
import { addDeviceIdentity } from "./identity-device.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { chooseProduct } from "./products.js";
import { deviceKey, prefix, productKey, productSecret, updateKey } from "./values.js";

interface Options {
  pk?: string;
  ps?: string;
  dk?: string;
  products?: string;
  write?: string;
  read?: string;
  prefix: string;
  pop?: boolean;
  updateKey?: string;
  qr?: boolean;
  showPop?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding identity --products demo.json --write device-1.json --qr
  wifi-binding identity --read device-1.json --qr
  wifi-binding device --identity device-1.json --cloud mqtt://127.0.0.1:1883 --ap home:password
  wifi-binding identity --products demo.json --pop --write device-2.json --qr
  wifi-binding bind --qr device-1.label --cloud http://127.0.0.1:8080 --products demo.json --ssid home

The file holds every secret of the device and is made for its owner only; it is never written over. The label beside it
(.label) is the text of the QR code. With --pop it holds a proof of possession, which the device then demands: only apps
that know that extension, such as \`wifi-binding bind\`, can give it a network.
\`wifi-binding identity write\` puts an identity into a device.`;

function newIdentity(options: Options): IdentityFile {
  const { pk, ps } = chooseProduct(options);
  return {
    pk,
    ps,
    dk: options.dk ?? newDeviceKey(),
    pop: options.pop ? newPop() : "",
    seed: randomBytes(32).toString("hex"),
    ...(options.updateKey ? { updateKey: options.updateKey } : {}),
  };
}

async function act(options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  if (!options.read && !options.write && !options.qr) throw new UsageError("give --write FILE, --read FILE or --qr");
  const identity = options.read ? readIdentityFile(options.read) : newIdentity(options);
  const { pk, dk, pop } = identity;
  const ssid = accessPointName(options.prefix, dk);
  const label = encodeLabel({ pk, dk, pop, ssid });
  if (options.write) {
    writePrivate({
      [options.write]: JSON.stringify(identity, null, 2) + "\n",
      [options.write.replace(/(\.json)?$/, ".label")]: label + "\n",
    });
  }
  const shown = options.showPop ? { pop } : {};
  const text = `${output.paint.bold(dk)} of product ${pk}, access point ${ssid}${options.showPop ? `, pop ${pop}` : ""}`;
  output.tell({ event: "identity", pk, dk, ssid, ...shown, file: options.write }, text);
  if (pk.length + dk.length > DISCOVERED) {
    const message = `ProductKey and DeviceKey have ${pk.length + dk.length} characters together: with more than ${DISCOVERED} discovery may not find the device`;
    output.tell({ event: "warning", message }, output.paint.red(`Warning: ${message}`));
  }
  if (!options.qr) return;
  if (options.json) return output.tell({ event: "label", label });
  io.out(await terminalQr(label));
}

export function addIdentity(program: Command, io: Io): void {
  const identity = program
    .command("identity")
    .description("make the identity of a device: keys, factory seed and label")
    .option("--pk <ProductKey>", "its product; default: the first of the products file", productKey)
    .addOption(
      new Option("--ps <ProductSecret>", "secret of the product; default: from the products file")
        .env("WIFI_BINDING_PS")
        .argParser(productSecret),
    )
    .option("--dk <DeviceKey>", "its name; default: a random one", deviceKey)
    .option("--products <file>", "products file, as `cloud` writes it")
    .option("--write <file>", "where to keep the identity, and its label beside it")
    .option("--read <file>", "an identity that was made before")
    .option("--pop", "with a proof of possession, which the device demands of apps")
    .option("--update-key <key>", "the public key that its updates are signed with: its digits or file", updateKey)
    .option("--prefix <text>", "what the name of its access point begins with", prefix, "WB")
    .option("--qr", "print the label's QR code in the terminal")
    .option("--show-pop", "print the proof of possession, a secret")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
  addDeviceIdentity(identity, io);
}
