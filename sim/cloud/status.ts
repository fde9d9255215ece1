/** Status codes of the binding API, with the messages of its reference documents; docs/status-codes.md has the causes. */

/** Of the binding call. */
export const BINDING_MESSAGES = {
  200: "WiFi device binding successful",
  5032: "Token verification failed",
  5048: "Device binding failed",
  5049: "Device already bound",
  5066: "Please enter Product Key",
  5067: "Please enter Device Key",
  5106: "Please enter token",
  5179: "Please enter bindingCode",
  5213: "Incorrect bindingCode format",
  5229: "User domain not authorized for this product",
  5314: "Device query failed in cloud platform",
  5333: "Device name exceeds length limit",
  5361: "Incorrect DK format",
  5412: "Product binding mode is unique, cannot bind repeatedly",
  5460: "bindingCode not reported",
  5461: "bindingCode expired",
  5462: "bindingCode verification failed",
  5465: "bindingSecret not reported",
  5879: "Please enter device identifier",
  5880: "Please enter Matter device product ID",
  5881: "Please enter Matter version number",
  5882: "Please enter vendor",
  5883: "Please enter fabricId",
  5885: "Node ID cannot be empty",
  6083: "Bound device does not belong to current data center",
} as const;

/** Of the other calls only. */
export const OTHER_MESSAGES = {
  5052: "Device not bound",
  5070: "Please enter type",
  5071: "Type error, types are 1: Passthrough 2: Property 3: Service",
  5072: "Please enter data type",
  5073: "Data type error, data types are 1: Hex 2: Text",
  5074: "Please enter device control command",
  5075: "Device control command length cannot exceed 4096",
  5144: "Authentication failed",
  5311: "Please enter device list",
  5312: "Total number of devices in list exceeds range",
  5340: "Batch control devices failed",
  5341: "Property not found",
} as const;

const MESSAGES = { ...BINDING_MESSAGES, ...OTHER_MESSAGES };

export type StatusCode = keyof typeof BINDING_MESSAGES | keyof typeof OTHER_MESSAGES;

/** Every answer of the API, with HTTP status 200. */
export interface Envelope {
  code: StatusCode;
  data: object | number | null;
  /** For the firmware engineer: what to look at. */
  extMsg: string;
  msg: string;
}

export function refusal(code: Exclude<StatusCode, 200>, extMsg: string): Envelope {
  return { code, data: null, extMsg, msg: MESSAGES[code] };
}

/** @param notes what is odd about a request that was granted */
export function success(data: Envelope["data"], msg: string = MESSAGES[200], notes: string[] = []): Envelope {
  return { code: 200, data, extMsg: notes.join("; "), msg };
}
