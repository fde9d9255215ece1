/** The paths of the binding API, and its description in OpenAPI 3.0. */
import { NAME_LIMIT } from "./request.js";
import { BINDING_MESSAGES, OTHER_MESSAGES } from "./status.js";

const USER = "/v2/binding/enduserapi";

/** As the cloud's reference documents have them. */
export const PATHS = {
  bind: `${USER}/v2/deviceBindingByWifi`,
  info: `${USER}/getDeviceInfoByBinding`,
  list: `${USER}/userDeviceList`,
  unbind: `${USER}/unbundlingDeviceDk`,
  verify: "/v2/binding/enterpriseapi/verifyBindingCode",
  openApi: "/openapi.json",
} as const;

/** This cloud's own: an operator's changes, and the hook of a foreign broker. */
export const OPERATIONS = { configure: "/dev/devices/:pk/:dk/config", hook: "/mqtt/auth" } as const;

const text = { type: "string" };
const integer = { type: "integer", format: "int32" };
const flag = { type: "boolean" };
const object = (properties: object, required: string[] = []) => ({
  type: "object",
  properties,
  ...(required.length && { required }),
});

const MATTER = object(
  {
    catList: {
      type: "array",
      items: object({ cat: integer, privilege: { ...text, enum: ["View", "Operate", "Administer"] } }),
    },
    discriminator: { ...integer, minimum: 0, maximum: 4095 },
    extra: text,
    fabricId: { type: "integer", minimum: 1 },
    matterProductId: { ...integer, minimum: 0, maximum: 65535 },
    matterVendorId: { ...integer, minimum: 1, maximum: 65535 },
    matterVersion: text,
    nodeId: { type: "integer", minimum: 1 },
  },
  ["discriminator", "fabricId", "matterProductId", "matterVendorId", "matterVersion", "nodeId"],
);

const BINDING = object(
  {
    bindingCode: { ...text, pattern: "^[0-9A-F]{16}$" },
    capabilitiesBitmask: { ...integer, minimum: 0, maximum: 15 },
    deviceKey: { ...text, pattern: "^[0-9A-Za-z]{4,32}$" },
    deviceName: { ...text, maxLength: NAME_LIMIT },
    fid: text,
    frid: text,
    isCommonDevice: flag,
    isMatter: flag,
    matterInfo: MATTER,
    productKey: text,
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
  const content = { "application/json": { schema } };
  return { summary, ...more, responses: { 200: { description: "What happened stands in code", content } } };
}

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
    [OPERATIONS.configure.replace(/:(\w+)/g, "{$1}")]: {
      post: operation("Change something on a device that is online (development only)", integer, {
        tags: ["operator"],
        security: [],
        parameters: ["pk", "dk"].map((name) => ({ name, in: "path", required: true, schema: text })),
        requestBody: { required: true, content: { "application/json": { schema: CHANGE } } },
      }),
    },
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
