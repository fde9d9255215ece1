/** The calls that the console makes in the operator's name. */
import { TAP } from "./route.js";
import { authorization } from "./token.js";
import type { Device, Envelope } from "./types.js";

const SERVER = TAP ? "tap" : "cloud";

const OFFLINE: Envelope = {
  code: 0,
  msg: `The ${SERVER} does not answer`,
  extMsg: `check that \`wifi-binding ${SERVER}\` still runs`,
  data: null,
};

export async function call(method: string, path: string, body?: object): Promise<Envelope> {
  const json = body && { "content-type": "application/json" };
  try {
    const headers = { ...authorization(), ...json };
    const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    return (await response.json()) as Envelope;
  } catch {
    return OFFLINE;
  }
}

type Named = Pick<Device, "pk" | "dk">;

const pathOf = ({ pk, dk }: Named): string => `/dev/devices/${encodeURIComponent(pk)}/${encodeURIComponent(dk)}`;
const bindingOf = (device: Named, user: string): string => `${pathOf(device)}/bindings/${encodeURIComponent(user)}`;

export const bind = (body: object): Promise<Envelope> => call("POST", "/dev/console/bind", body);
export const configure = (device: Named, change: object): Promise<Envelope> =>
  call("POST", `${pathOf(device)}/config`, change);
export const unbind = (device: Named, user: string): Promise<Envelope> => call("DELETE", bindingOf(device, user));
export const rename = (device: Named, user: string, name: string): Promise<Envelope> =>
  call("PATCH", bindingOf(device, user), { name });
export const forget = (device: Named): Promise<Envelope> => call("DELETE", pathOf(device));
export const press = (device: Named, what: "open" | "provision" | "reset"): Promise<Envelope> =>
  call("POST", `${pathOf(device)}/press`, { what });
export const readData = (device: Named, fresh: boolean): Promise<Envelope> =>
  call("GET", `${pathOf(device)}/data${fresh ? "?fresh=true" : ""}`);
export const writeData = (device: Named, user: string, values: Record<string, unknown>): Promise<Envelope> =>
  call("POST", `${pathOf(device)}/data`, { user, values });
export const productSecret = (pk: string): Promise<Envelope> =>
  call("GET", `/dev/console/products/${encodeURIComponent(pk)}`);
export const unmask = (frame: number): Promise<Envelope> => call("GET", `/dev/console/frames/${frame}`);
