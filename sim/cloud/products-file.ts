/** The products file: reads it and says in one line what is wrong with it. */
import { isKey } from "../../src/codec/identity.js";
import { messageOf, UsageError } from "../errors.js";
import { readTextFile } from "../text-file.js";
import type { Product, Products, User } from "./products.js";

type Fields = Record<string, unknown>;

/** An optional string; `where` names it when it is something else. */
function optional(value: unknown, where: string): string | undefined {
  if (value !== undefined && typeof value !== "string") throw new UsageError(`${where} must be a string`);
  return value;
}

function domainsOf(value: unknown, where: string): string[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((domain) => typeof domain === "string")) return value;
  throw new UsageError(`${where}.domains must be a list of user domains`);
}

function capabilitiesOf(value: unknown, where: string): number | undefined {
  if (value === undefined || (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 15)) {
    return value as number | undefined;
  }
  throw new UsageError(`${where}.capabilitiesBitmask must be 0-15`);
}

function productOf(value: unknown, where: string): Product {
  const { pk, ps, name, logo, bindingMode = 1, ...more } = (value ?? {}) as Fields;
  if (typeof pk !== "string" || !isKey(pk, 1, 32)) throw new UsageError(`${where}.pk must be 1-32 letters and digits`);
  if (typeof ps !== "string" || !/^[\x20-\x7e]{16,32}$/.test(ps)) {
    throw new UsageError(`${where}.ps must be 16-32 ASCII characters`);
  }
  if (bindingMode !== 1 && bindingMode !== 2 && bindingMode !== 3) {
    throw new UsageError(`${where}.bindingMode must be 1 (multi-user), 2 (owner) or 3 (rotation)`);
  }
  return {
    pk,
    ps,
    name: optional(name, `${where}.name`) || pk,
    logo: optional(logo, `${where}.logo`) ?? "",
    bindingMode,
    domains: domainsOf(more.domains, where),
    dataCenter: optional(more.dataCenter, `${where}.dataCenter`),
    capabilitiesBitmask: capabilitiesOf(more.capabilitiesBitmask, where),
  };
}

function userOf(value: unknown, where: string): User {
  const { id, token, domain, dataCenter, enterprise = false } = (value ?? {}) as Fields;
  if (typeof id !== "string" || typeof token !== "string" || !id || !token) {
    throw new UsageError(`${where} needs an id and a token`);
  }
  if (typeof enterprise !== "boolean") throw new UsageError(`${where}.enterprise must be true or false`);
  return {
    id,
    token,
    domain: optional(domain, `${where}.domain`),
    dataCenter: optional(dataCenter, `${where}.dataCenter`),
    enterprise,
  };
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readTextFile(path));
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

/**
 * Reads `{ "products": [{pk, ps, name?, logo?, bindingMode?, domains?, dataCenter?, capabilitiesBitmask?}],
 * "users": [{id, token, domain?, dataCenter?, enterprise?}] }`.
 * @throws UsageError with one line that names what is wrong; it holds no secret
 */
export function loadProducts(path: string): Products {
  const file = (parse(path) ?? {}) as Fields;
  if (!Array.isArray(file.products) || !file.products.length) throw new UsageError(`${path} needs a list "products"`);
  if (!Array.isArray(file.users)) throw new UsageError(`${path} needs a list "users"`);
  const products = file.products.map((value, i) => productOf(value, `${path}: products[${i}]`));
  const users = file.users.map((value, i) => userOf(value, `${path}: users[${i}]`));
  demandDistinct(
    products.map(({ pk }) => pk),
    `${path}: pk of products`,
  );
  demandDistinct(
    users.map(({ id }) => id),
    `${path}: id of users`,
  );
  demandDistinct(
    users.map(({ token }) => token),
    `${path}: token of users`,
  );
  return { products, users };
}
