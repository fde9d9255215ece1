/** The products file as a JSON schema: what `cloud` checks, and what an editor reads from docs/products.schema.json. */

const text = (description: string, more: object = {}) => ({ type: "string", description, ...more });

const PRODUCT = {
  type: "object",
  description: "an object with pk and ps",
  additionalProperties: false,
  required: ["pk", "ps"],
  properties: {
    pk: text("1-32 letters and digits", { pattern: "^[0-9A-Za-z]{1,32}$" }),
    ps: text("16-32 ASCII characters", { pattern: "^[ -~]{16,32}$" }),
    name: text("a string: the name that apps show, default the ProductKey"),
    logo: text("a string: the URL of a picture"),
    bindingMode: {
      type: "integer",
      enum: [1, 2, 3],
      description: "1 (multi-user), 2 (owner) or 3 (rotation)",
    },
    domains: {
      type: "array",
      items: text("a user domain"),
      description: "a list of user domains: others are refused by 5229",
    },
    dataCenter: text("a string: users of another data center are refused by 6083"),
    capabilitiesBitmask: {
      type: "integer",
      minimum: 0,
      maximum: 15,
      description: "0-15: 1 WAN, 2 LAN, 4 BLE, 8 Matter",
    },
    window: {
      type: "integer",
      minimum: 1,
      maximum: 3600,
      description: "1-3600 seconds that a bindingCode is valid from its report, default 120",
    },
    tsl: { type: "object", description: "an object with properties: the thing model, as productTSL hands it out" },
  },
} as const;

const USER = {
  type: "object",
  description: "an object with an id and a token",
  additionalProperties: false,
  required: ["id", "token"],
  properties: {
    id: text("a name, which events show", { minLength: 1 }),
    token: text("the token of the Authorization header", { minLength: 1 }),
    domain: text("a string"),
    dataCenter: text("a string"),
    enterprise: { type: "boolean", description: "true or false: whether the token opens the enterprise API" },
  },
} as const;

export const PRODUCTS_SCHEMA = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Products and users of the development cloud",
  type: "object",
  description: 'an object with the lists "products" and "users"',
  additionalProperties: false,
  required: ["products", "users"],
  properties: {
    $schema: text("the path of this schema, for an editor"),
    products: { type: "array", minItems: 1, items: PRODUCT, description: "a list of at least one product" },
    users: { type: "array", items: USER, description: "a list of users" },
    operator: text("16 characters or more: the token of the calls below /dev", { minLength: 16 }),
  },
} as const;
