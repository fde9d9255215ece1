/** Keys and updates in files, and where they are looked for. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Command } from "commander";

import { loadProducts } from "../../sim/cloud/index.js";
import { messageOf, systemCode, UsageError } from "../../sim/errors.js";
import { readLineOf } from "../../sim/text-file.js";
import { UpdateError, type Update } from "../../sim/update/file.js";
import { SECRET_KEY, signUpdate } from "../../sim/update/signature.js";
import { isVersion } from "../../sim/update/version.js";
import { checkApplication, type Tell } from "../flash/gate.js";
import { flashable } from "../flash/install.js";

/** Where a secret key is unless it is named, beside the products file. */
const KEY_NAME = "update.key";
/** The products file unless it is named. */
const PRODUCTS_NAME = "products.json";

/** The products file that is named, or the one of this folder. */
export function productsPath(named: string | undefined): string | undefined {
  return named ?? (existsSync(PRODUCTS_NAME) ? PRODUCTS_NAME : undefined);
}

/** The product that is named, or the first one of the products file. */
export function productOf(pk: string | undefined, products: string | undefined): string {
  const path = productsPath(products);
  if (pk) return pk;
  if (path) return loadProducts(path).products[0].pk;
  throw new UsageError(`give --product PK, or --products FILE; there is no ${PRODUCTS_NAME} in this folder`);
}

/** The secret key of a file. @throws UsageError that quotes nothing of it */
export function readSecretKey(named: string | undefined, products: string | undefined): Buffer {
  const path = named ?? join(dirname(productsPath(products) ?? "."), KEY_NAME);
  if (!named && !existsSync(path)) {
    throw new UsageError(
      `give --key FILE: there is no ${path} (\`wifi-binding update key --write ${path}\` makes one)`,
    );
  }
  const hex = readLineOf(path).trim();
  if (hex.length === 2 * SECRET_KEY && /^[0-9a-f]*$/i.test(hex)) return Buffer.from(hex, "hex");
  throw new UsageError(`${path} holds no secret key: ${2 * SECRET_KEY} hexadecimal digits`);
}

/** @throws UsageError */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") throw new UsageError(`there is no file ${path}: give another path`);
    throw new UsageError(`cannot read ${path} (${messageOf(error)})`);
  }
}

/** Names the file in what is wrong with it. */
export function about<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof UpdateError) throw new UsageError(`${path}: ${error.code}: ${error.message}`);
    throw error;
  }
}

export interface Signing {
  /** Whether the application passes the gate first, and modules of Storage that it may require. */
  gate: boolean;
  module?: string[];
  key?: string;
  product?: string;
  products?: string;
  version?: string;
  file: string;
}

/** Reads an application, checks and signs it; takes seconds. @param tell told what the gate finds */
export function signFile(signing: Signing, tell: Tell): { bytes: Buffer; secretKey: Buffer } {
  const { key, product, products, version, file } = signing;
  if (!version) throw new UsageError(`give --version of ${file}, as 1.2.0`);
  const secretKey = readSecretKey(key, products);
  const pk = productOf(product, products);
  const image = flashable(readBytes(file).toString("latin1"));
  if (signing.gate) checkApplication(file, image, signing.module ?? [], tell);
  return { secretKey, bytes: about(file, () => signUpdate(secretKey, pk, version, Buffer.from(image, "latin1"))) };
}

const moduleNames = (name: string, earlier: string[] = []): string[] => [...earlier, name];

/** The options of what is signed. */
export function addGate(command: Command): Command {
  return command
    .option("--module <name>", "a module of Storage that the application requires; may be repeated", moduleNames)
    .option("--no-gate", "do not check the application for what Espruino misreads");
}

/** What an update holds, for people and programs. */
export const contentOf = ({ pk, version, image }: Update) => ({ pk, version, bytes: image.length });

/** For the parser of options. */
export function version(text: string): string {
  if (!isVersion(text)) throw new UsageError("a version is one to four numbers of one to six digits, as 1.2.0");
  return text;
}
