/** A bound device's data over the cloud: its thing model, its values, writes. */
import { FailedError } from "../errors.js";
import { readModel, type Model } from "../model/tsl.js";
import { API_SUCCESS, callApi, USER_API, type Account, type Envelope } from "./api.js";

export interface Keys {
  productKey: string;
  deviceKey: string;
}

/** One value, as the cloud tells it. */
export interface Attribute {
  abId: number;
  resourceCode: string;
  dataType: string;
  /** JSON, or a text. */
  resourceValce: string | null;
  /** Milliseconds since the epoch. */
  createTime: string;
}

const PROPERTY = 2;

/** @throws FailedError with the cloud's own words */
function dataOf<Data>({ code, msg, extMsg, data }: Envelope<Data>, what: string): Data {
  if (code === API_SUCCESS && data) return data;
  throw new FailedError(`${what}: the cloud answers ${code}${msg ? `, ${msg}` : ""}${extMsg ? ` (${extMsg})` : ""}`);
}

/** The devices that the user has bound. @throws as `callApi`; FailedError when the cloud refuses */
export async function devicesOf(account: Account): Promise<Keys[]> {
  const answer = await callApi<{ list: Keys[] }>(account, { path: `${USER_API}/userDeviceList` });
  return dataOf(answer, "no list of devices").list;
}

export class CloudDevice {
  constructor(
    private readonly account: Account,
    readonly keys: Keys,
  ) {}

  /** Undefined where the product has none. @throws UsageError for one that is malformed */
  async model(): Promise<Model | undefined> {
    const query = { pk: this.keys.productKey };
    const answer = await callApi<{ properties?: unknown[] }>(this.account, { path: `${USER_API}/productTSL`, query });
    const tsl = dataOf(answer, "no thing model");
    return tsl.properties?.length ? readModel(tsl, "the cloud's thing model") : undefined;
  }

  /** The key by which the user's apps log in to the device, BASE64. */
  async authKey(): Promise<string> {
    const { productKey: pk, deviceKey: dk } = this.keys;
    const answer = await callApi<{ authKey: string }>(this.account, {
      path: `${USER_API}/getAuthKey`,
      form: { pk, dk },
    });
    const { authKey } = dataOf(answer, "no authKey");
    if (!authKey) throw new FailedError("the cloud has no authKey of this device yet: is it connected?");
    return authKey;
  }

  /**
   * The newest values that the cloud knows.
   * @param codes none: all
   * @param fresh the development cloud asks the device first
   * @returns them, and what the cloud remarks
   */
  async values(codes: string[], fresh = false): Promise<{ values: Attribute[]; remark: string }> {
    const { productKey: pk, deviceKey: dk } = this.keys;
    const query = { pk, dk, ...(codes.length && { codeList: codes.join() }), ...(fresh && { fresh: "true" }) };
    const path = `${USER_API}/getDeviceBusinessAttributes`;
    const answer = await callApi<{ customizeTslInfo?: Attribute[] }>(this.account, { path, query });
    return { values: dataOf(answer, "not read").customizeTslInfo ?? [], remark: answer.extMsg };
  }

  /** Writes properties. @throws FailedError when the cloud does not do it */
  async write(values: Record<string, unknown>): Promise<void> {
    const data = JSON.stringify(Object.entries(values).map(([code, value]) => ({ [code]: value })));
    const json = { type: PROPERTY, data, deviceList: [this.keys] };
    const path = `${USER_API}/batchControlDevice`;
    const answer = await callApi<{ failureList?: { msg: string }[] }>(this.account, { path, json });
    const [failure] = dataOf(answer, "not written").failureList ?? [];
    if (failure) throw new FailedError(`not written: ${failure.msg}`);
  }
}

/** The value of an attribute as JSON. */
export function jsonOf({ dataType, resourceValce: text }: Attribute): unknown {
  if (text === null || dataType === "TEXT" || dataType === "RAW") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
