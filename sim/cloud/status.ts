/** Status codes of the binding API, with the messages of its reference document. */

export const MESSAGES = {
  200: "WiFi device binding successful",
  5009: "Device verification failed",
  5032: "Token verification failed",
  5048: "Device binding failed",
  5049: "Device already bound",
  5066: "Please enter Product Key",
  5067: "Please enter Device Key",
  5106: "Please enter token",
  5179: "Please enter bindingCode",
  5213: "Incorrect bindingCode format",
  5314: "Device query failed in cloud platform",
  5361: "Incorrect DK format",
  5412: "Product binding mode is unique, cannot bind repeatedly",
  5460: "bindingCode not reported",
  5461: "bindingCode expired",
  5462: "bindingCode verification failed",
  5465: "bindingSecret not reported",
} as const;

export type StatusCode = keyof typeof MESSAGES;

export interface DeviceInfo {
  /** BASE64 of the 16 bytes that the device was given too. */
  authKey: string;
  bindingMode: number;
  productLogo: string;
  productName: string;
}

/** Every answer of the API, with HTTP status 200. */
export interface Envelope {
  code: StatusCode;
  data: DeviceInfo | null;
  /** For the firmware engineer: what to look at. */
  extMsg: string;
  msg: string;
}

export function envelope(code: StatusCode, extMsg = "", data: DeviceInfo | null = null): Envelope {
  return { code, data, extMsg, msg: MESSAGES[code] };
}
