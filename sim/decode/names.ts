/** What people call the numbers of the wire: commands by the names of src/codec/commands.ts, ids by what they carry. */
import * as n from "../../src/codec/commands.js";

/** Up is from the device, down is to it. */
export type Direction = "up" | "down";

/** An id, by its name, or with more: whether its value is a secret, what its values mean, the ids within it. */
export interface IdFacts {
  name: string;
  secret?: true;
  values?: Record<number, string>;
  ids?: Ids;
}
export type Ids = Record<number, string | IdFacts>;

interface Facts {
  direction?: Direction;
  /** Names of the ids; of a thing model's ids nothing is known here. */
  ids?: Ids;
  /** The data is a list of ids of two bytes each, no TTLV; nothing means all. */
  list?: true;
  /** The data is bytes of the application's own. */
  raw?: true;
}

const secret = (name: string): IdFacts => ({ name, secret: true });
const spoken = (constant: string): string => constant.toLowerCase().replaceAll("_", " ");

/** The constants that begin so, by their number. */
function named(prefix: string): Record<number, string> {
  const found = Object.entries(n).filter(([key, value]) => key.startsWith(prefix) && typeof value === "number");
  return Object.fromEntries(found.map(([key, value]) => [value, spoken(key.slice(prefix.length))]));
}

const STATUS: Ids = named("STATUS_");
const INFO: Ids = named("INFO_");
const CODE = secret("bindingCode");
const RESULT: IdFacts = { name: "progress", values: named("PROGRESS_") };
const WHY: IdFacts = { name: "error", values: named("FAIL_") };
const PROVISIONED: Ids = { [n.EXT_OK]: "accepted", [n.EXT_PK]: "PK", [n.EXT_DK]: "DK", [n.EXT_CODE]: CODE };

const COMPONENT: Ids = { [n.UPDATE_COMPONENT]: "component", [n.UPDATE_TYPE]: "type" };
const VERSIONS: Ids = { [n.UPDATE_VERSION]: "version", 26: "versions of other components" };

const FACTS: Record<number, Facts> = {
  [n.CMD_UPDATE_TASK]: {
    direction: "down",
    ids: {
      ...COMPONENT,
      [n.UPDATE_SOURCE]: "from version",
      [n.UPDATE_TARGET]: "to version",
      [n.UPDATE_BATTERY]: "least battery",
      [n.UPDATE_SPACE]: "space",
      [n.UPDATE_SIGNAL]: "least signal",
    },
  },
  [n.CMD_UPDATE_FILE]: {
    direction: "down",
    ids: {
      ...COMPONENT,
      [n.UPDATE_URL]: "URL",
      [n.UPDATE_SIZE]: "size",
      [n.UPDATE_MD5]: "MD5",
      [n.UPDATE_TARGET]: "to version",
      [n.UPDATE_CRC]: "CRC",
      [n.UPDATE_SHA256]: "SHA-256",
    },
  },
  [n.CMD_UPDATE_STATE]: {
    direction: "up",
    ids: {
      ...COMPONENT,
      ...VERSIONS,
      [n.UPDATE_STATE]: "state",
      [n.UPDATE_STATE_NAME]: "its name",
      [n.UPDATE_CHECK]: "check",
    },
  },
  [n.CMD_UPDATE_ASK]: { direction: "up", ids: VERSIONS },
  [n.CMD_STATUS_READ]: { direction: "down", list: true, ids: STATUS },
  [n.CMD_STATUS_ANSWER]: { direction: "up", ids: STATUS },
  [n.CMD_STATUS]: { direction: "up", ids: STATUS },
  [n.CMD_INFO_READ]: { direction: "down", list: true, ids: INFO },
  [n.CMD_INFO_ANSWER]: { direction: "up", ids: INFO },
  [n.CMD_INFO]: { direction: "up", ids: INFO },
  [n.CMD_EXCEPTION]: {
    direction: "down",
    ids: { [n.EXCEPTION_CODE]: "code", [n.EXCEPTION_PACKAGE_ID]: "package id", 3: "PK", 4: "DK" },
  },
  [n.CMD_EXCEPTION_UP]: {
    direction: "up",
    ids: { [n.EXCEPTION_CODE]: { name: "code", values: named("UNPACK_") }, [n.EXCEPTION_PACKAGE_ID]: "package id" },
  },
  [n.CMD_CONFIG]: {
    direction: "down",
    ids: {
      [n.CONFIG_SERVER]: {
        name: "server",
        ids: { [n.SERVER_DOMAIN]: "domain", [n.SERVER_IP]: "IP", [n.SERVER_PORT]: "port" },
      },
      [n.CONFIG_DS]: secret("DS"),
      [n.CONFIG_SESSION_KEY]: secret("session key"),
      [n.CONFIG_PK]: "PK",
      [n.CONFIG_PS]: secret("PS"),
      [n.CONFIG_REAUTHENTICATE]: "authenticate anew",
      [n.CONFIG_NEW_DS]: secret("new DS"),
      [n.CONFIG_SEALED]: secret("authKey, sealed"),
    },
  },
  [n.CMD_BINDING]: {
    direction: "up",
    ids: { [n.BINDING_SECRET]: secret("bindingSecret"), [n.BINDING_CODE]: CODE },
  },
  [n.CMD_CONFIG_ECHO]: { direction: "up", ids: { [n.CONFIG_SEALED]: secret("authKey, sealed") } },
  [n.CMD_BINDING_RESULT]: {
    direction: "down",
    ids: {
      [n.RESULT_BOUND]: "bound",
      [n.RESULT_CODE]: CODE,
      [n.RESULT_REASON]: { name: "reason", values: named("REASON_") },
    },
  },
  [n.CMD_READ]: { direction: "down", list: true },
  [n.CMD_READ_ANSWER]: { direction: "up" },
  [n.CMD_WRITE]: { direction: "down" },
  [n.CMD_REPORT]: { direction: "up" },
  [n.CMD_RAW_DOWN]: { direction: "down", raw: true },
  [n.CMD_RAW_UP]: { direction: "up", raw: true },
  [n.CMD_DISCOVER]: { direction: "down" },
  [n.CMD_DISCOVER_ANSWER]: {
    direction: "up",
    ids: {
      [n.DISCOVER_PK]: "PK",
      [n.DISCOVER_DK]: "DK",
      [n.DISCOVER_IP]: "address",
      [n.DISCOVER_PORT]: "TCP port",
      [n.DISCOVER_VERSION]: "version",
    },
  },
  [n.CMD_RANDOM]: { direction: "down" },
  [n.CMD_RANDOM_ANSWER]: { direction: "up", ids: { [n.LOGIN_RANDOM]: "random" } },
  [n.CMD_LOGIN]: {
    direction: "down",
    ids: {
      [n.LOGIN_HASH]: "hash",
      [n.LOGIN_SHARE_CODE]: secret("share code"),
      [n.LOGIN_PERMISSION]: "permission code",
    },
  },
  [n.CMD_LOGIN_ANSWER]: {
    direction: "up",
    ids: {
      [n.LOGIN_RESULT]: {
        name: "result",
        values: { [n.LOGIN_OK]: "logged in", [n.LOGIN_REFUSED]: "refused", [n.LOGIN_ALREADY]: "logged in already" },
      },
    },
  },
  [n.CMD_WRITE_ANSWER]: {
    direction: "up",
    ids: { [n.WRITE_RESULT]: { name: "result", values: { 0: "done", 1: "not done" } } },
  },
  [n.CMD_HEARTBEAT]: {
    direction: "down",
    ids: { [n.HEARTBEAT_SECONDS]: "seconds", [n.HEARTBEAT_FLAG]: "flag (meaning unknown)" },
  },
  [n.CMD_PROVISION]: {
    direction: "down",
    ids: {
      [n.WIFI_SSID]: "SSID",
      [n.WIFI_PASSWORD]: secret("password"),
      [n.WIFI_SECONDS]: "seconds",
      [n.WIFI_UNKNOWN]: "meaning unknown",
      [n.WIFI_SERVER]: "server",
    },
  },
  [n.CMD_PROVISION_ANSWER]: {
    direction: "up",
    ids: {
      [n.PROVISION_OK]: "accepted",
      [n.PROVISION_SECONDS]: "seconds",
      [n.PROVISION_PK]: "PK",
      [n.PROVISION_DK]: "DK",
      [n.PROVISION_CODE]: CODE,
      // Of an older form [R1].
      6: "accepted",
    },
  },
  [n.CMD_SCAN]: { direction: "down" },
  [n.CMD_SCAN_ANSWER]: { direction: "up", ids: { [n.SCAN_NAMES]: "networks" } },
  [n.CMD_IN_CLOUD]: { direction: "up", ids: { [n.IN_CLOUD]: "in the cloud" } },
  [n.CMD_HELLO]: { direction: "down", ids: { [n.HELLO_APP_RANDOM]: "random of the app" } },
  [n.CMD_HELLO_ANSWER]: {
    direction: "up",
    ids: { [n.HELLO_DEVICE_RANDOM]: "random of the device", [n.HELLO_WAIT]: "seconds of the lock-out" },
  },
  [n.CMD_PROVE]: { direction: "down", ids: { [n.PROVE_APP]: "proof of the app" } },
  [n.CMD_PROVE_ANSWER]: {
    direction: "up",
    ids: { [n.PROVE_OK]: "accepted", [n.PROVE_DEVICE]: "proof of the device" },
  },
  [n.CMD_PROGRESS]: { direction: "up", ids: { [n.EXT_PROGRESS]: RESULT, [n.EXT_ERROR]: WHY } },
  [n.CMD_WINDOW]: { direction: "down" },
  [n.CMD_WINDOW_ANSWER]: {
    direction: "up",
    ids: {
      ...PROVISIONED,
      [n.EXT_SECONDS]: "seconds left",
      [n.EXT_CAPABILITIES]: "capabilitiesBitmask",
      [n.EXT_ERROR]: WHY,
    },
  },
  [n.CMD_LAST_RESULT]: { direction: "down" },
  [n.CMD_LAST_RESULT_ANSWER]: {
    direction: "up",
    ids: { ...PROVISIONED, [n.EXT_PROGRESS]: RESULT, [n.EXT_ERROR]: WHY },
  },
};

const COMMANDS = named("CMD_");

/** What is known of a command; the name is absent for one that src/codec/commands.ts does not know. */
export function factsOf(cmd: number): Facts & { name?: string } {
  return { name: COMMANDS[cmd], ...FACTS[cmd] };
}

/** The facts of one id. */
export function idFacts(ids: Ids | undefined, id: number): Partial<IdFacts> {
  const facts = ids?.[id];
  return typeof facts === "string" ? { name: facts } : (facts ?? {});
}

/** The ids of a command whose values are secrets. */
export function secretIds(cmd: number): number[] {
  const ids = FACTS[cmd]?.ids ?? {};
  return Object.keys(ids)
    .map(Number)
    .filter((id) => idFacts(ids, id).secret);
}
