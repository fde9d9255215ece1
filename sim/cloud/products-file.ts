/** The products file: reads it and says in one line what is wrong with it. */
import { messageOf, UsageError } from "../errors.js";
import { readJson } from "../json.js";
import { readTextFile } from "../text-file.js";
import { PRODUCTS_SCHEMA } from "./products-schema.js";
import { readModel } from "../model/tsl.js";
import type { Product, Products, User } from "./products.js";
import { complaintOf } from "./schema-check.js";

/** The file after its check. */
interface Content {
  products: (Pick<Product, "pk" | "ps"> & Partial<Product>)[];
  users: User[];
  operator?: string;
}

function parse(path: string): unknown {
  try {
    return readJson(readTextFile(path), path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // A message of JSON.parse may quote the file, and with it a secret.
    if (error instanceof SyntaxError) throw new UsageError(`${path} is not JSON: mend it, or let \`cloud\` write one`);
    throw new UsageError(`cannot read ${path}: ${messageOf(error)}`);
  }
}

/** Refuses a list in which two entries have the same key; the message gives their numbers, not the key. */
function demandDistinct(keys: string[], where: string): void {
  const second = keys.findIndex((key, i) => keys.indexOf(key) < i);
  if (second < 0) return;
  throw new UsageError(`${where}: number ${keys.indexOf(keys[second])} and number ${second} are the same`);
}

function productOf({ pk, name, logo = "", bindingMode = 1, ...more }: Content["products"][number]): Product {
  return { pk, name: name || pk, logo, bindingMode, ...more };
}

/**
 * Reads a products file; docs/products.md describes it.
 * @throws UsageError with one line that names what is wrong; it holds no secret
 */
export function loadProducts(path: string): Products {
  const content = parse(path);
  const complaint = complaintOf(content, PRODUCTS_SCHEMA);
  if (complaint) throw new UsageError(`${path}: ${complaint}`);
  const { products, users, operator } = content as Content;
  for (const [keys, where] of [
    [products.map(({ pk }) => pk), "pk of products"],
    [users.map(({ id }) => id), "id of users"],
    [users.map(({ token }) => token), "token of users"],
  ] as const) {
    demandDistinct(keys, `${path}: ${where}`);
  }
  for (const [at, { tsl }] of products.entries()) if (tsl) readModel(tsl, `${path}: products[${at}].tsl`);
  return { products: products.map(productOf), users, operator };
}
