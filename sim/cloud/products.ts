/** Products and users that a development cloud serves, and the file they stand in. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

import { isKey } from "../../src/codec/identity.js";
import { messageOf, systemCode, UsageError } from "../errors.js";

/** 1 several users may bind a device, 2 its first owner only, 3 a new owner takes it over. */
export type BindingMode = 1 | 2 | 3;

export interface Product {
  /** ProductKey, 1-32 letters and digits. */
  pk: string;
  /** ProductSecret, 16-32 characters. */
  ps: string;
  name: string;
  /** URL of a picture, or "". */
  logo: string;
  bindingMode: BindingMode;
}

export interface User {
  id: string;
  /** Goes into the Authorization header. */
  token: string;
}

export interface Products {
  products: Product[];
  users: User[];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function productOf(value: unknown, where: string): Product {
  const { pk, ps, name, logo, bindingMode = 1 } = (value ?? {}) as Record<string, unknown>;
  if (!isKey(text(pk), 1, 32)) throw new UsageError(`${where}.pk must be 1-32 letters and digits`);
  if (text(ps).length < 16 || text(ps).length > 32) throw new UsageError(`${where}.ps must be 16-32 characters`);
  if (bindingMode !== 1 && bindingMode !== 2 && bindingMode !== 3) {
    throw new UsageError(`${where}.bindingMode must be 1 (multi-user), 2 (owner) or 3 (rotation)`);
  }
  return { pk: text(pk), ps: text(ps), name: text(name) || text(pk), logo: text(logo), bindingMode };
}

function userOf(value: unknown, where: string): User {
  const { id, token } = (value ?? {}) as Record<string, unknown>;
  if (!text(id) || !text(token)) throw new UsageError(`${where} needs an id and a token`);
  return { id: text(id), token: text(token) };
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (systemCode(error) === "ENOENT")
      throw new UsageError(`there is no file ${path}: give the path of a products file`);
    // A message of JSON.parse may quote the file, and with it a secret.
    if (error instanceof SyntaxError) throw new UsageError(`${path} is not JSON: mend it, or let \`cloud\` write one`);
    throw new UsageError(`cannot read ${path}: ${messageOf(error)}`);
  }
}

/**
 * Reads `{ "products": [{pk, ps, name?, logo?, bindingMode?}], "users": [{id, token}] }`.
 * @throws UsageError with one line that names what is wrong; it holds no secret
 */
export function loadProducts(path: string): Products {
  const { products, users } = (parse(path) ?? {}) as { products?: unknown; users?: unknown };
  if (!Array.isArray(products) || !products.length) throw new UsageError(`${path} needs a list "products"`);
  if (!Array.isArray(users)) throw new UsageError(`${path} needs a list "users"`);
  return {
    products: products.map((value, i) => productOf(value, `${path}: products[${i}]`)),
    users: users.map((value, i) => userOf(value, `${path}: users[${i}]`)),
  };
}

/** A product and a user made now, with secrets that nobody else has. */
export function demoProducts(): Products {
  const ps = randomBytes(12).toString("base64");
  const product: Product = { pk: "p1demo", ps, name: "Demo product", logo: "", bindingMode: 1 };
  return { products: [product], users: [{ id: "demo-user", token: randomBytes(16).toString("hex") }] };
}
