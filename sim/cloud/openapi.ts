/** The paths of the binding API, and its description in OpenAPI 3.0, whose schema is what binding calls are checked by. */
import { CONSOLE } from "./console/paths.js";
import { BINDING_MESSAGES, OTHER_MESSAGES } from "./status.js";

const USER = "/v2/binding/enduserapi";

/** As the cloud's reference documents have them. */
export const PATHS = {
  bind: `${USER}/v2/deviceBindingByWifi`,
  info: `${USER}/getDeviceInfoByBinding`,
  list: `${USER}/userDeviceList`,
  unbind: `${USER}/unbundlingDeviceDk`,
  verify: "/v2/binding/enterpriseapi/verifyBindingCode",
  authKey: `${USER}/getAuthKey`,
  newAuthKey: `${USER}/regenerateAuthKey`,
  tsl: `${USER}/productTSL`,
  attributes: `${USER}/getDeviceBusinessAttributes`,
  history: "/v2/quecdatastorage/enduserapi/getPropertyDataList",
  control: `${USER}/batchControlDevice`,
  openApi: "/openapi.json",
} as const;

/** This cloud's own: an operator's changes, and the hook of a foreign broker. */
export const OPERATIONS = {
  device: "/dev/devices/:pk/:dk",
  configure: "/dev/devices/:pk/:dk/config",
  updates: "/dev/updates",
  update: "/dev/updates/:id",
  hook: "/mqtt/auth",
} as const;

/** Longest deviceName, in characters. Chosen here: no public document gives the cloud's limit. */
export const NAME_LIMIT = 64;
/** First integer beyond a signed one of 64 bits. */
export const INT64_LIMIT = 2 ** 63;
/** Where the reference document sets no limit. */
const TEXT_LIMIT = 255;
const MAX_CATEGORIES = 64;

const text = { type: "string", maxLength: TEXT_LIMIT };
const filled = { ...text, minLength: 1 };
const integer = { type: "integer", format: "int32" };
/** Larger values lose their last digits in JSON anyway. */
const large = { type: "integer", minimum: 1, maximum: INT64_LIMIT };
const flag = { type: "boolean" };
const object = (properties: object, required: string[] = []) => ({
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

const PRODUCT = { bindingMode: { ...integer, enum: [1, 2, 3] }, productLogo: text, productName: text };

const LISTED = object({
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

const CHANGE = object({
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
const list = (items: object) => ({ type: "array", items });

/** The body of batchControlDevice. */
const CONTROL = object(
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

const CONTROLLED = object({
  successList: list(object({ data: KEYS, ticket: text })),
  failureList: list(object({ data: KEYS, msg: text, reason: text })),
});

const ATTRIBUTES = object({
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

const HISTORY = object({
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

const parameter = (name: string, required: boolean, schema: object = text) => ({ name, in: "query", required, schema });
const PK = parameter("pk", true);
const DK = parameter("dk", true);

const codes = (table: object): string =>
  Object.entries(table)
    .map(([code, message]) => `${code} ${message}`)
    .join("; ");

/** An operation; its only HTTP status is 200. */
function operation(summary: string, data: object, more: object) {
  const fields = { code: integer, data: { ...data, nullable: true }, extMsg: text, msg: text };
  const schema = object(fields, Object.keys(fields));
  const content = { "application/json;charset=UTF-8": { schema } };
  return { summary, ...more, responses: { 200: { description: "code says what happened", content } } };
}

/** A path of this cloud as OpenAPI writes it. */
const template = (path: string): string => path.replace(/:(\w+)/g, "{$1}");

const inPath = (...names: string[]) => names.map((name) => ({ name, in: "path", required: true, schema: text }));
const json = (schema: object) => ({ required: true, content: { "application/json": { schema } } });

/** What an operator's calls have in common: the operator's token of the products file, if that has one. */
const OPERATOR = {
  tags: ["operator"],
  parameters: inPath("pk", "dk"),
};

/** A call of the console's page, in the operator's name. */
const paged = (summary: string, data: object, parameters: object[] = [], body?: object) =>
  operation(`${summary} (development only)`, data, {
    tags: ["console"],
    parameters,
    ...(body && { requestBody: json(body) }),
  });

const DEVICE = inPath("pk", "dk");
const BOUND = inPath("pk", "dk", "user");
const SHOWN = object({
  properties: list(object({ id: integer, code: text, name: text, kind: text, access: text })),
  values: list(object({ id: integer, value: {}, time: large })),
  history: { type: "object", description: "time and value of the numbers, by id, oldest first" },
});

const CONSOLE_PATHS = {
  [CONSOLE.feed]: {
    get: {
      summary: "Devices, frames and events as server-sent events; secrets are masked (development only)",
      tags: ["console"],
      responses: { 200: { description: "the feed", content: { "text/event-stream": { schema: { type: "string" } } } } },
    },
  },
  [template(CONSOLE.frame)]: {
    get: paged("A frame with its secrets, on loopback", object({ hex: text }), inPath("number")),
  },
  [template(CONSOLE.product)]: {
    get: paged("The ProductSecret of a product, on loopback", object({ ps: text }), inPath("pk")),
  },
  [CONSOLE.bind]: {
    post: paged(
      "Bind a device in a user's name",
      object({ authKey: text }),
      [],
      object({ ...BINDING.properties, user: text, fromWindow: flag }, ["user", "productKey", "deviceKey"]),
    ),
  },
  [template(CONSOLE.binding)]: {
    delete: paged("Unbind a device in a user's name", object({ bindingSum: integer }), BOUND),
    patch: paged("Rename a device for a user", integer, BOUND, object({ name: text }, ["name"])),
  },
  [template(CONSOLE.press)]: {
    post: paged(
      "Press the button of a simulated device",
      integer,
      DEVICE,
      object({ what: { type: "string", enum: ["open", "provision", "reset"] } }, ["what"]),
    ),
  },
  [template(CONSOLE.data)]: {
    get: paged("A device's properties, values and their history", SHOWN, [...DEVICE, parameter("fresh", false, flag)]),
    post: paged(
      "Write properties in a user's name",
      CONTROLLED,
      DEVICE,
      object({ user: text, values: { type: "object" } }, ["user", "values"]),
    ),
  },
};

const RELEASE = object({
  id: text,
  pk: text,
  version: text,
  size: integer,
  percent: integer,
  dks: { type: "array", items: text, nullable: true },
  counts: { type: "object", description: "devices by their state: waiting, offered, loading, updated, failed…" },
});

const ONE_RELEASE = { tags: ["operator"], parameters: inPath("id") };

const UPDATES = {
  [OPERATIONS.updates]: {
    get: operation("The updates, newest first (development only)", { type: "array", items: RELEASE }, {}),
    post: operation("Upload a signed update, or stage it anew (development only)", RELEASE, {
      tags: ["operator"],
      parameters: [
        parameter("percent", false, { ...integer, minimum: 0, maximum: 100, default: 100 }),
        parameter("dk", false, { type: "array", items: text }),
        parameter("key", false, { ...text, pattern: "^[0-9a-f]{64}$" }),
        parameter("retry", false, flag),
      ],
      requestBody: {
        required: true,
        content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
      },
    }),
  },
  [template(OPERATIONS.update)]: {
    get: operation("An update and its devices (development only)", RELEASE, ONE_RELEASE),
    delete: operation("Withdraw an update (development only)", integer, ONE_RELEASE),
  },
};

export const OPEN_API = {
  openapi: "3.0.3",
  info: {
    title: "Binding API of the development cloud",
    version: "2",
    description: `Codes: ${codes({ ...BINDING_MESSAGES, ...OTHER_MESSAGES })}`,
  },
  components: { securitySchemes: { token: { type: "apiKey", in: "header", name: "Authorization" } } },
  security: [{ token: [] }],
  paths: {
    [PATHS.bind]: {
      post: operation("Bind a Wi-Fi device", object({ authKey: text, ...PRODUCT }), {
        requestBody: { required: true, content: { "application/json": { schema: BINDING } } },
      }),
    },
    [PATHS.info]: {
      get: operation("Whether the user can bind a device", object({ activeBluetooth: flag, ...PRODUCT }), {
        parameters: [PK, parameter("dk", false), parameter("checkExistInCloud", false, flag)],
      }),
    },
    [PATHS.list]: {
      get: operation("The user's devices", object({ list: { type: "array", items: LISTED }, total: integer }), {}),
    },
    [PATHS.unbind]: {
      delete: operation("Unbind a device", object({ bindingSum: integer }), { parameters: [PK, DK] }),
    },
    ...Object.fromEntries(
      [
        [PATHS.authKey, "The key by which the user's apps log in to a device"],
        [PATHS.newAuthKey, "A new key, which replaces the old one once the device has it"],
      ].map(([path, summary]) => [
        path,
        {
          post: operation(summary, object({ authKey: text }), {
            requestBody: {
              required: true,
              content: {
                "application/x-www-form-urlencoded": { schema: object({ pk: text, dk: text }, ["pk", "dk"]) },
              },
            },
          }),
        },
      ]),
    ),
    [PATHS.tsl]: {
      get: operation("The thing model of a product", object({ properties: list(object({})) }), { parameters: [PK] }),
    },
    [PATHS.attributes]: {
      get: operation("The newest values of a device's properties", ATTRIBUTES, {
        parameters: [PK, DK, parameter("codeList", false), parameter("type", false), parameter("fresh", false, flag)],
      }),
    },
    [PATHS.history]: {
      get: operation("The history of one property", HISTORY, {
        parameters: [
          PK,
          DK,
          parameter("attributeCode", true),
          ...["startTimestamp", "endTimestamp", "page", "pageSize"].map((name) => parameter(name, false, large)),
        ],
      }),
    },
    [PATHS.control]: {
      post: operation("Write properties of devices, or send them bytes", CONTROLLED, {
        requestBody: { required: true, content: { "application/json": { schema: CONTROL } } },
      }),
    },
    [template(OPERATIONS.device)]: {
      delete: operation("Forget a device as if it had never come (development only)", integer, OPERATOR),
    },
    [template(OPERATIONS.configure)]: {
      post: operation("Change something on a device that is online (development only)", integer, {
        ...OPERATOR,
        requestBody: { required: true, content: { "application/json": { schema: CHANGE } } },
      }),
    },
    ...UPDATES,
    ...CONSOLE_PATHS,
    [PATHS.verify]: {
      post: operation("Verify a bindingCode (enterprise)", integer, {
        parameters: [
          PK,
          DK,
          parameter("bindingCode", true),
          parameter("isBinding", false, { ...integer, enum: [0, 1] }),
        ],
      }),
    },
  },
};
