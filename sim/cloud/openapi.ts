/** The paths of the binding API, and its description in OpenAPI 3.0. */
import { CONSOLE_PATHS } from "./console/openapi.js";
import { inPath, operation, parameter, template } from "./openapi-parts.js";
import {
  ATTRIBUTES,
  BINDING,
  CHANGE,
  CONTROL,
  CONTROLLED,
  flag,
  HISTORY,
  integer,
  large,
  list,
  LISTED,
  object,
  PRODUCT,
  text,
} from "./schemas.js";
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

const PK = parameter("pk", true);
const DK = parameter("dk", true);

const codes = (table: object): string =>
  Object.entries(table)
    .map(([code, message]) => `${code} ${message}`)
    .join("; ");

/** What an operator's calls have in common: the operator's token of the products file, if that has one. */
const OPERATOR = {
  tags: ["operator"],
  parameters: inPath("pk", "dk"),
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
