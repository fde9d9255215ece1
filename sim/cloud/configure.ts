/** What an operator may change on a device that is online: requests, checked, and their nodes of 00B4. */
import { isIPv4 } from "node:net";

import * as protocol from "../../src/codec/commands.js";
import { isKey, isSecret } from "../../src/codec/identity.js";
import { parseServer } from "../../src/codec/server.js";
import type { Node } from "../../src/codec/ttlv.js";
import type { Fields } from "./request.js";

export interface Change {
  /** Moves the device to another MQTT server, by plain MQTT. */
  server?: { domain: string; ip: string; port: number };
  /** Makes it a device of another product. */
  product?: { pk: string; ps: string };
  /** Makes it forget its DS and ask for one. */
  reauthenticate?: true;
  /** Gives it a new DS, which counts from the moment it connects with it. */
  ds?: true;
  /** Asks for its status (0031) or information (0041). */
  status?: true;
  info?: true;
}

const HOST = /^[0-9A-Za-z.-]+$/;

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

const FLAGS = ["reauthenticate", "ds", "status", "info"];

/** What is wrong with a request, in one sentence, or undefined. */
export function changeProblem(fields: Fields): string | undefined {
  const names = Object.keys(fields);
  if (!names.length) return "give server, product, reauthenticate, ds, status or info";
  for (const name of names) {
    const value = fields[name];
    if (FLAGS.includes(name)) {
      if (value !== true) return `${name} is true, or absent`;
    } else if (name === "server") {
      const { domain, ip, port } = isObject(value) ? value : {};
      const host = typeof domain === "string" && HOST.test(domain);
      const fits = host && typeof ip === "string" && isIPv4(ip) && parseServer(`mqtt://${domain}:${Number(port)}`);
      if (!fits) return 'server is {"domain":"iot.example","ip":"10.0.0.1","port":1883}';
    } else if (name === "product") {
      const { pk, ps } = isObject(value) ? value : {};
      if (typeof pk !== "string" || !isKey(pk, 1, 32) || typeof ps !== "string" || !isSecret(ps)) {
        return 'product is {"pk":"…","ps":"…"}, with a ProductSecret of 16-32 characters';
      }
    } else return `there is no ${name.slice(0, 40)} to change`;
  }
  return undefined;
}

/** @param ds the new DS, when one is to be given */
export function configurationOf({ server, product, reauthenticate, ds: wanted }: Change, ds?: string): Node[] {
  const nodes: Node[] = [];
  if (server) {
    nodes.push([
      protocol.CONFIG_SERVER,
      [
        [protocol.SERVER_DOMAIN, server.domain],
        [protocol.SERVER_IP, server.ip],
        [protocol.SERVER_PORT, Number(server.port)],
      ],
    ]);
  }
  if (product) nodes.push([protocol.CONFIG_PK, product.pk], [protocol.CONFIG_PS, product.ps]);
  if (reauthenticate) nodes.push([protocol.CONFIG_REAUTHENTICATE, true]);
  if (wanted && ds) nodes.push([protocol.CONFIG_NEW_DS, ds]);
  return nodes;
}
