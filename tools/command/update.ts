/** `wifi-binding update`: the key of updates, signed update files, and devices that get them. */
import { createHash } from "node:crypto";

import type { Command } from "commander";

import { newSecretKey, publicKeyOf, verifyUpdate } from "../../sim/update/signature.js";
import { FailedError } from "../../sim/errors.js";
import { decodeUpdate, UpdateError } from "../../sim/update/file.js";
import { writePrivate } from "../factory/identity-file.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { addGate, contentOf, readBytes, signFile, version, type Signing } from "./update-files.js";
import { addPush } from "./update-push.js";
import { productKey, updateKey } from "./values.js";

const KEY_EXAMPLES = `
Examples:
  wifi-binding update key --write update.key

update.key is the secret key: it signs, only its owner may read it, and it is not printed. update.pub beside it is the
public key, which goes into each device: \`wifi-binding identity write --update-key update.pub\`. Neither is written over.
Keep a copy of update.key in a safe place: devices take updates that are signed with it and no others (docs/update.md).`;

const SIGN_EXAMPLES = `
Examples:
  wifi-binding update sign --key update.key --product p1demo --version 1.2.0 --file build/firmware.min.js --out 1.2.0.update
  wifi-binding update sign --products products.json --version 1.2.0 --file app.js --out app.update

Without --key it is update.key beside the products file, without --product the first product of that file, without
--products the file is products.json of this folder. Signing takes some seconds.
The application passes the gate first, as for \`flash --app\`: what Espruino would misread is not signed.`;

const VERIFY_EXAMPLES = `
Examples:
  wifi-binding update verify --key update.pub 1.2.0.update

Exit status: 0 the file is what the owner of the key has signed, 1 it is not, and says why by name: format, truncated,
longer, damaged, product, version, size, signature; 2 wrong usage.`;

/** Names a public key for people. */
const fingerprint = (key: Buffer): string => createHash("sha256").update(key).digest("hex").slice(0, 16);

function makeKey({ write, json }: { write: string; json?: boolean }, io: Io): void {
  const secretKey = newSecretKey();
  const publicKey = publicKeyOf(secretKey);
  const path = write.replace(/(\.key)?$/, ".pub");
  writePrivate({ [write]: secretKey.toString("hex") + "\n", [path]: publicKey.toString("hex") + "\n" });
  const print = fingerprint(publicKey);
  new Output(io, Boolean(json)).tell(
    { event: "key", file: write, publicKey: path, fingerprint: print },
    `secret key ${write}, public key ${path} (fingerprint ${print})`,
  );
}

interface SignOptions extends Signing {
  out: string;
  json?: boolean;
}

function sign(options: SignOptions, io: Io): void {
  const output = new Output(io, Boolean(options.json));
  const { bytes } = signFile(options, (event, line) => output.tell(event, line));
  writePrivate({ [options.out]: bytes });
  const content = contentOf(decodeUpdate(bytes));
  const text = `${options.out}: ${content.version} for ${content.pk}, application of ${content.bytes} bytes`;
  output.tell({ event: "signed", file: options.out, ...content }, text);
}

function verify(file: string, { key, json }: { key: string; json?: boolean }, io: Io): void {
  const output = new Output(io, Boolean(json));
  const bytes = readBytes(file);
  try {
    const content = contentOf(verifyUpdate(Buffer.from(key, "hex"), bytes));
    const text = `${file}: ${content.version} for ${content.pk}, application of ${content.bytes} bytes, signature good`;
    output.tell({ event: "verified", file, ...content }, text);
  } catch (error) {
    if (!(error instanceof UpdateError)) throw error;
    output.tell({ event: "refused", file, code: error.code, message: error.message });
    throw new FailedError(`${file}: ${error.code}: ${error.message}`);
  }
}

export function addUpdate(program: Command, io: Io): void {
  const update = program.command("update").description("sign updates, and bring them to devices over the cloud");
  update
    .command("key")
    .description("make a key pair that signs updates")
    .requiredOption("--write <file>", "where to keep the secret key, and the public key (.pub) beside it")
    .option("--json", "one JSON object a line")
    .addHelpText("after", KEY_EXAMPLES)
    .action((options: { write: string; json?: boolean }) => makeKey(options, io));
  addGate(update.command("sign"))
    .description("make the update file of an application")
    .option("--key <file>", "the secret key; default: update.key beside the products file")
    .option("--product <ProductKey>", "its product; default: the first of the products file", productKey)
    .option("--products <file>", "products file; default: products.json of this folder")
    .requiredOption("--version <version>", "one to four numbers, as 1.2.0; devices take no older one", version)
    .requiredOption("--file <file>", "the application, as `npm run build` makes it")
    .requiredOption("--out <file>", "where to keep the update")
    .option("--json", "one JSON object a line")
    .addHelpText("after", SIGN_EXAMPLES)
    .action((options: SignOptions) => sign(options, io));
  update
    .command("verify")
    .description("say what an update file holds, or what is wrong with it")
    .argument("<file>", "the update file")
    .requiredOption("--key <key>", "the public key: its digits or file", updateKey)
    .option("--json", "one JSON object a line")
    .addHelpText("after", VERIFY_EXAMPLES)
    .action((file: string, options: { key: string; json?: boolean }) => verify(file, options, io));
  addPush(update, io);
}
