/** batchControlDevice: writes properties of devices (0013), or sends them bytes (0023). */
import { randomBytes } from "node:crypto";

import { CMD_RAW_DOWN, CMD_WRITE } from "../../src/codec/commands.js";
import { encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import { findProperty, type Model } from "../model/tsl.js";
import { isId, plainNode, toNode, ValueError } from "../model/values.js";
import { unknownSentence } from "./attributes.js";
import type { Context } from "./binding.js";
import { modelOf, type User } from "./products.js";
import type { Fields } from "./request.js";
import { refusal, success, type Envelope } from "./status.js";

const RAW = 1;
const PROPERTY = 2;
const SERVICE = 3;
const HEX = 1;
const TEXT = 2;

/** Characters of a command. */
const LONGEST = 4096;
/** Devices of one call. Chosen here: no public document gives the cloud's limit. */
const MOST_DEVICES = 100;

/** Why a device was not written, for programs. This cloud's own. */
type Reason = "notBound" | "offline" | "silent" | "unknownProperty" | "readOnly" | "type" | "range";

interface Keys {
  productKey: string;
  deviceKey: string;
}

/** The data of an answer. */
export interface Controlled {
  successList?: { data: Keys; ticket: string; msg?: undefined }[];
  failureList?: { data: Keys; reason: string; msg: string }[];
}

/** What is to be sent, or why it is not. */
type Command = { cmd: number; data: string } | { reason: Reason; msg: string };

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function checkDevices(list: unknown): Envelope | undefined {
  if (!Array.isArray(list) || !list.length) return refusal(5311, "deviceList is a list of productKey and deviceKey");
  if (list.length > MOST_DEVICES) return refusal(5312, `deviceList may have ${MOST_DEVICES} devices`);
  const fits = list.every(
    (one) => isObject(one) && typeof one.productKey === "string" && typeof one.deviceKey === "string",
  );
  return fits ? undefined : refusal(5311, "each entry of deviceList has a productKey and a deviceKey");
}

/** What is wrong with a request by itself, in the order of docs/status-codes.md. */
function checkRequest({ type, data, dataFormat, deviceList }: Fields): Envelope | undefined {
  if (type === undefined) return refusal(5070, "type is 1 (bytes) or 2 (properties)");
  if (type === SERVICE) return refusal(5071, "this cloud knows no services: type is 1 (bytes) or 2 (properties)");
  if (type !== RAW && type !== PROPERTY) return refusal(5071, "type is 1 (bytes) or 2 (properties)");
  if (type === RAW && dataFormat === undefined) return refusal(5072, "dataFormat is 1 (hexadecimal) or 2 (text)");
  if (type === RAW && dataFormat !== HEX && dataFormat !== TEXT) return refusal(5073, "dataFormat is 1 or 2");
  if (typeof data !== "string" || !data) return refusal(5074, 'data is a text, as "[{\\"switch\\":true}]"');
  if (data.length > LONGEST) return refusal(5075, `data has ${data.length} characters`);
  return checkDevices(deviceList);
}

/** Properties and their values: a list of objects, or one. */
function valuesOf(data: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(data);
    const list = Array.isArray(parsed) ? parsed : [parsed];
    if (!list.length || !list.every(isObject)) return undefined;
    const values = Object.assign({}, ...list) as Fields;
    return Object.keys(values).length ? values : undefined;
  } catch {
    return undefined;
  }
}

function nodeOf(code: string, value: unknown, model?: Model): Node | { reason: Reason; msg: string } {
  const property = model && findProperty(model, code);
  if (model ? !property : !isId(code)) {
    return { reason: "unknownProperty", msg: unknownSentence(code, model) };
  }
  if (property?.access === "R") return { reason: "readOnly", msg: `${property.code} can only be read` };
  try {
    return property ? toNode(property, value) : plainNode(Number(code), value);
  } catch (error) {
    if (error instanceof ValueError) return { reason: error.kind, msg: error.message };
    throw error;
  }
}

/** What a request sends to the devices of one product. */
function commandFor({ type, data, dataFormat }: Fields, values: Fields, model?: Model): Command {
  if (type === RAW) {
    const bytes = Buffer.from(data as string, dataFormat === HEX ? "hex" : "utf8");
    return { cmd: CMD_RAW_DOWN, data: bytes.toString("latin1") };
  }
  const nodes: Node[] = [];
  for (const [code, value] of Object.entries(values)) {
    const node = nodeOf(code, value, model);
    if (!Array.isArray(node)) return node;
    nodes.push(node);
  }
  return { cmd: CMD_WRITE, data: encodeTtlv(nodes) };
}

/** Writes one device. @returns why it was not written */
async function controlOne(context: Context, user: User, keys: Keys, body: Fields, values: Fields) {
  const device = context.registry.find(keys.productKey, keys.deviceKey);
  if (!device?.bindings.has(user.id)) return { reason: "notBound", msg: "this user has not bound this device" };
  const command = commandFor(body, values, modelOf(device.product));
  if (!("cmd" in command)) return command;
  const delivery = await context.control(device, command.cmd, command.data);
  if (delivery === "offline") return { reason: "offline", msg: "the device is not connected: nothing is kept for it" };
  if (delivery === "silent") return { reason: "silent", msg: "the device did not acknowledge it within 3 s" };
  return undefined;
}

/**
 * POST batchControlDevice. 200 where a device at least has acknowledged it; 5340 where none has, with the reason of the
 * first in extMsg, and of each in failureList.
 */
export async function batchControl(context: Context, user: User, body: Fields): Promise<Envelope> {
  const malformed = checkRequest(body);
  if (malformed) return malformed;
  const { type, data, dataFormat } = body as { type: number; data: string; dataFormat: number };
  const values = type === PROPERTY ? valuesOf(data) : {};
  if (!values) return refusal(5074, 'data is JSON: a list of objects, as [{"switch":true}]');
  if (type === RAW && dataFormat === HEX && !/^([0-9a-f]{2})+$/i.test(data)) {
    return refusal(5074, "data is no hexadecimal digits");
  }
  const results = await Promise.all(
    (body.deviceList as Keys[]).map(async ({ productKey, deviceKey }) => {
      const keys = { productKey, deviceKey };
      return { keys, failure: await controlOne(context, user, keys, body, values) };
    }),
  );
  const successList = results
    .filter(({ failure }) => !failure)
    .map(({ keys }) => ({ data: keys, ticket: randomBytes(8).toString("hex") }));
  const failureList = results.flatMap(({ keys, failure }) => (failure ? [{ data: keys, ...failure }] : []));
  const lists: Controlled = { successList, failureList };
  if (!successList.length) return { ...refusal(5340, failureList[0].msg), data: lists };
  // Apps ask for it by habit; a command here is delivered or refused.
  const notes =
    body.isCache === 1 && failureList.length ? ["this cloud keeps no commands for devices that are away"] : [];
  return success(lists, "Success", notes);
}
