/** Products files of the toolbox: products with their secrets, and users with their tokens. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoProducts, loadProducts, type Product, type Products } from "../../sim/cloud/index.js";
import { messageOf, systemCode, UsageError } from "../../sim/errors.js";

/** Products in a file; `dispose` removes a file that only this run needs. */
export interface ProductsFile extends Products {
  path: string;
  dispose(): void;
}

/** Writes a file that only its owner may read, and never over another one: it might hold somebody's real secrets. */
function writeProducts(path: string, products: Products): void {
  try {
    writeFileSync(path, JSON.stringify(products, null, 2) + "\n", { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (systemCode(error) === "EEXIST")
      throw new UsageError(`${path} exists: use it by --products, or remove it first`);
    throw new UsageError(`cannot write ${path} (${messageOf(error)}): give another path`);
  }
}

function makePrivate(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UsageError(`cannot keep state in ${directory} (${messageOf(error)}): give another directory`);
  }
}

/**
 * The products that a cloud serves: from a file, or a demo product made now. Secrets of a demo product are never
 * printed; they go to a file that `device` and `bind` read, at the path given, beside the state that is kept, or in a
 * private temporary folder.
 */
export function openProducts(options: { products?: string; writeProducts?: string; data?: string }): ProductsFile {
  if (options.products) return { path: options.products, ...loadProducts(options.products), dispose: () => {} };
  const kept = options.data && join(options.data, "products.json");
  // A cloud that goes on with its state goes on with its product.
  if (kept && !options.writeProducts && existsSync(kept)) {
    return { path: kept, ...loadProducts(kept), dispose: () => {} };
  }
  const products = demoProducts();
  const path = options.writeProducts ?? kept;
  if (path) {
    if (options.data) makePrivate(options.data);
    writeProducts(path, products);
    return { path, ...products, dispose: () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), "wifi-binding-"));
  writeProducts(join(folder, "products.json"), products);
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  return { path: join(folder, "products.json"), ...products, dispose };
}

/** PK and PS of a device, from the options and the products file. */
export function chooseProduct(options: { pk?: string; ps?: string; products?: string }): Pick<Product, "pk" | "ps"> {
  const { pk, ps, products: path } = options;
  if (pk && ps) return { pk, ps };
  if (!path) throw new UsageError("give --pk and --ps, or --products FILE, which `wifi-binding cloud` writes");
  const { products } = loadProducts(path);
  const product = pk ? products.find((candidate) => candidate.pk === pk) : products[0];
  if (!product) throw new UsageError(`${path} has no product ${pk ?? "at all"}: add it, or give another --pk`);
  return { pk: product.pk, ps: ps ?? product.ps };
}

/** The user's token, from the options and the products file. */
export function chooseToken(options: { token?: string; products?: string }): string {
  if (options.token) return options.token;
  if (!options.products) {
    throw new UsageError("give the user's token by WIFI_BINDING_TOKEN or --token, or --products FILE");
  }
  const [user] = loadProducts(options.products).users;
  if (!user) throw new UsageError(`${options.products} has no user: add one, or give --token`);
  return user.token;
}
