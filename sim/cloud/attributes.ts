/** What a user's apps read of a device: its thing model, its newest values, and their history. */
import { findProperty, type Model, type Property } from "../model/tsl.js";
import { isId, kindOf, toJson } from "../model/values.js";
import type { Context } from "./binding.js";
import { RAW_CODE, type Told } from "./device-data.js";
import type { DeviceRecord } from "./device-record.js";
import { boundDevice } from "./devices.js";
import { modelOf, type User } from "./products.js";
import { demandText, type Fields } from "./request.js";
import { refusal, success, type Envelope } from "./status.js";

const MOST_ROWS = 1000;

/** GET productTSL?pk: the thing model of the products file. */
export function productTsl({ registry }: Context, _user: User, query: Fields): Envelope {
  const malformed = demandText(query, "pk", 5066);
  if (malformed) return malformed;
  const product = registry.product(String(query.pk));
  if (!product) return refusal(5314, "no product has this ProductKey: check it, and the products file");
  const model = { properties: [], events: [], services: [], ...product.tsl };
  const notes = product.tsl ? [] : ["the product has no thing model: give it a tsl in the products file"];
  return success(model, "Success", notes);
}

/** A value as the text that the cloud writes. */
function textOf(told: Told, property?: Property): string {
  const json = toJson(told.value, property, told.raw);
  return typeof json === "string" ? json : JSON.stringify(json);
}

function describe(told: Told, model?: Model) {
  const property = model?.properties.find(({ id }) => id === told.id);
  return {
    abId: told.id,
    resourceCode: property?.code ?? (told.id ? String(told.id) : RAW_CODE),
    name: property?.name ?? "",
    type: "PROPERTY",
    subType: property?.access ?? "",
    dataType: property?.kind ?? kindOf(told.value, told.raw),
    resourceValce: textOf(told, property),
    createTime: String(told.time),
  };
}

/** The ids that a list of codes means, or the first that means none. */
function idsOf(codes: string[], model?: Model): number[] | string {
  const ids: number[] = [];
  for (const code of codes) {
    const id = model ? findProperty(model, code)?.id : isId(code) ? Number(code) : undefined;
    if (id === undefined) return code;
    ids.push(id);
  }
  return ids;
}

const listOf = (value: unknown): string[] =>
  String(value ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);

/** Asks the device itself first, if the caller wants that. @returns what is to be remarked, or why that is not possible */
async function refresh(context: Context, device: DeviceRecord, ids: number[]): Promise<string[] | Envelope> {
  const delivery = await context.read(device, ids);
  if (delivery === "offline") return refusal(5340, "the device is not connected: without fresh=true its last values");
  return delivery === "silent" ? ["the device did not answer the read: these are its last values"] : [];
}

/**
 * GET getDeviceBusinessAttributes?pk&dk&codeList&type: the newest values. `fresh=true` is this cloud's own: it asks the
 * device first (0011).
 */
export async function deviceAttributes(context: Context, user: User, query: Fields): Promise<Envelope> {
  const device = boundDevice(context, user, query);
  if ("msg" in device) return device;
  const model = modelOf(device.product);
  const ids = idsOf(listOf(query.codeList), model);
  if (typeof ids === "string") return refusal(5341, unknownSentence(ids, model));
  const notes = query.fresh === "true" ? await refresh(context, device, ids) : [];
  if (!Array.isArray(notes)) return notes;
  const types = listOf(query.type);
  const wanted = ids.length ? (told: Told): boolean => ids.includes(told.id) : (): boolean => true;
  const told = types.length && !types.includes("2") ? [] : device.data.values.filter(wanted);
  const { pk, name } = device.product;
  const deviceData = {
    productKey: pk,
    deviceKey: device.dk,
    productName: name,
    onlineStatus: context.isOnline(device) ? 1 : 0,
  };
  return success({ deviceData, customizeTslInfo: told.map((one) => describe(one, model)) }, "Success", notes);
}

/** What a caller is told who names a property that there is not. */
export function unknownSentence(code: string, model?: Model): string {
  const known = model
    ? `it has ${model.properties.map((one) => one.code).join(", ")}`
    : "it has no thing model: give ids";
  return `the product has no property ${JSON.stringify(code.slice(0, 64))}: ${known}`;
}

/** GET getPropertyDataList?pk&dk&attributeCode&startTimestamp&endTimestamp&page&pageSize: the history of one property. */
export function propertyHistory(context: Context, user: User, query: Fields): Envelope {
  const device = boundDevice(context, user, query);
  if ("msg" in device) return device;
  const model = modelOf(device.product);
  const code = String(query.attributeCode ?? "");
  const ids = code === RAW_CODE ? [0] : idsOf([code], model);
  if (typeof ids === "string") return refusal(5341, unknownSentence(ids, model));
  const numberOf = (name: string, otherwise: number): number => Number(query[name] || otherwise);
  const pageSize = Math.min(Math.max(1, Math.floor(numberOf("pageSize", 10)) || 10), MOST_ROWS);
  const pageNum = Math.max(1, Math.floor(numberOf("page", 1)) || 1);
  const all = device.data.history(ids[0], numberOf("startTimestamp", 0), numberOf("endTimestamp", Infinity));
  const property = model?.properties.find(({ id }) => id === ids[0]);
  const list = all.slice((pageNum - 1) * pageSize, pageNum * pageSize).map((told) => ({
    productKey: device.product.pk,
    deviceKey: device.dk,
    propertyCode: property?.code ?? code,
    propertyValue: toJson(told.value, property, told.raw),
    createTime: String(told.time),
    createTimeTs: told.time,
  }));
  const pages = Math.ceil(all.length / pageSize);
  return success({ list, total: all.length, pageNum, pageSize, pages, hasNextPage: pageNum < pages }, "Success");
}
