/** Products and users that a development cloud serves. */
import { randomBytes } from "node:crypto";

import { LAMP } from "../model/lamp.js";
import { readModel, type Model } from "../model/tsl.js";

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
  /** User domains that may bind its devices; absent: all. Others are refused by 5229. */
  domains?: string[];
  /** Where its devices belong; a user of another data center is refused by 6083. */
  dataCenter?: string;
  /** What its devices can do, 0-15; a binding call that says otherwise is granted with a remark. */
  capabilitiesBitmask?: number;
  /** Seconds that a bindingCode is valid from its report, 1-3600; default 120. */
  window?: number;
  /** Its thing model, as productTSL hands it out. */
  tsl?: object;
}

export interface User {
  id: string;
  /** Goes into the Authorization header. */
  token: string;
  domain?: string;
  dataCenter?: string;
  /** Whether the token opens the enterprise API as well. */
  enterprise?: boolean;
}

export interface Products {
  products: Product[];
  users: User[];
  /** Token of the operator's calls below /dev; without one every program of this machine may make them. */
  operator?: string;
}

const models = new WeakMap<object, Model>();

/** The thing model of a product, if it has one. @throws UsageError that names the place in it */
export function modelOf({ pk, tsl }: Pick<Product, "pk" | "tsl">): Model | undefined {
  if (!tsl) return undefined;
  const known = models.get(tsl) ?? readModel(tsl, `tsl of ${pk}`);
  models.set(tsl, known);
  return known;
}

/** A product and a user made now, with secrets that nobody else has. */
export function demoProducts(): Products {
  const ps = randomBytes(12).toString("base64");
  const product: Product = { pk: "p1demo", ps, name: "Demo product", logo: "", bindingMode: 1, tsl: LAMP };
  const token = (): string => randomBytes(16).toString("hex");
  return { products: [product], users: [{ id: "demo-user", token: token() }], operator: token() };
}
