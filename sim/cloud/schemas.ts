/** The schemas of what the API takes and answers: those of bodies are what calls are checked by. */

/** Longest deviceName, in characters. Chosen here: no public document gives the cloud's limit. */
export const NAME_LIMIT = 64;
/** First integer beyond a signed one of 64 bits. */
export const INT64_LIMIT = 2 ** 63;
/** Where the reference document sets no limit. */
const TEXT_LIMIT = 255;
const MAX_CATEGORIES = 64;

export const text = { type: "string", maxLength: TEXT_LIMIT };
const filled = { ...text, minLength: 1 };
export const integer = { type: "integer", format: "int32" };
/** Larger values lose their last digits in JSON anyway. */
export const large = { type: "integer", minimum: 1, maximum: INT64_LIMIT };
export const flag = { type: "boolean" };
export const object = (properties: object, required: string[] = []) => ({
  type: "object",
  properties,
  ...(required.length && { required }),
});

/**
 * The reference document's own example has an empty privilege: it is taken, and means none. What is required is so where
 * isMatter is true.
 */
const MATTER = object(
  {
    catList: {
      type: "array",
      maxItems: MAX_CATEGORIES,
      items: object({ cat: integer, privilege: { type: "string", enum: ["View", "Operate", "Administer", ""] } }),
    },
    discriminator: { ...integer, minimum: 0, maximum: 4095 },
    extra: text,
    fabricId: large,
    matterProductId: { ...integer, minimum: 0, maximum: 65535 },
    matterVendorId: { ...integer, minimum: 1, maximum: 65535 },
    matterVersion: filled,
    nodeId: large,
  },
  ["discriminator", "fabricId", "matterProductId", "matterVendorId", "matterVersion", "nodeId"],
);

/** The body of the binding call; null is the same as absent. */
export const BINDING = object(
  {
    bindingCode: { type: "string", minLength: 1, pattern: "^[0-9A-F]{16}$" },
    capabilitiesBitmask: { ...integer, minimum: 0, maximum: 15 },
    deviceKey: { type: "string", minLength: 1, pattern: "^[0-9A-Za-z]{4,32}$" },
    deviceName: { type: "string", maxLength: NAME_LIMIT },
    fid: text,
    frid: text,
    isCommonDevice: flag,
    isMatter: flag,
    matterInfo: MATTER,
    productKey: filled,
  },
  ["bindingCode", "deviceKey", "productKey"],
);

export const PRODUCT = { bindingMode: { ...integer, enum: [1, 2, 3] }, productLogo: text, productName: text };

export const LISTED = object({
  productKey: text,
  deviceKey: text,
  productName: text,
  deviceName: text,
  fid: text,
  frid: text,
  isCommonDevice: flag,
  capabilitiesBitmask: { ...integer, nullable: true },
  isMatter: flag,
  matterInfo: { ...MATTER, nullable: true },
  authKey: text,
  bindingCode: text,
  onlineStatus: { ...integer, enum: [0, 1] },
  model: { ...text, nullable: true },
  firmware: { ...text, nullable: true },
  rssi: { ...integer, nullable: true },
});

export const CHANGE = object({
  server: object({ domain: text, ip: text, port: { ...integer, minimum: 1, maximum: 65535 } }, [
    "domain",
    "ip",
    "port",
  ]),
  product: object({ pk: text, ps: text }, ["pk", "ps"]),
  reauthenticate: { ...flag, enum: [true] },
  ds: { ...flag, enum: [true] },
  status: { ...flag, enum: [true] },
  info: { ...flag, enum: [true] },
});

const KEYS = object({ productKey: text, deviceKey: text }, ["productKey", "deviceKey"]);
export const list = (items: object) => ({ type: "array", items });

/** The body of batchControlDevice. */
export const CONTROL = object(
  {
    type: { ...integer, enum: [1, 2], description: "1 bytes, 2 properties" },
    data: {
      type: "string",
      maxLength: 4096,
      description: 'properties: "[{\\"switch\\":true}]"; bytes: as dataFormat says',
    },
    dataFormat: { ...integer, enum: [1, 2], description: "of bytes: 1 hexadecimal digits, 2 text" },
    deviceList: { ...list(KEYS), minItems: 1, maxItems: 100 },
    isCache: { ...integer, description: "nothing is kept for a device that is away" },
  },
  ["type", "data", "deviceList"],
);

export const CONTROLLED = object({
  successList: list(object({ data: KEYS, ticket: text })),
  failureList: list(object({ data: KEYS, msg: text, reason: text })),
});

export const ATTRIBUTES = object({
  deviceData: object({
    productKey: text,
    deviceKey: text,
    productName: text,
    onlineStatus: { ...integer, enum: [0, 1] },
  }),
  customizeTslInfo: list(
    object({
      abId: integer,
      resourceCode: text,
      name: text,
      type: text,
      subType: text,
      dataType: text,
      resourceValce: { type: "string", description: "the value, JSON where it is no text" },
      createTime: { type: "string", description: "milliseconds since the epoch" },
    }),
  ),
});

export const HISTORY = object({
  list: list(
    object({
      productKey: text,
      deviceKey: text,
      propertyCode: text,
      propertyValue: {},
      createTime: text,
      createTimeTs: large,
    }),
  ),
  total: integer,
  pageNum: integer,
  pageSize: integer,
  pages: integer,
  hasNextPage: flag,
});
