/** What the device says of itself by mDNS (RFC 6763). Never the bindingCode: everybody on the network hears it. */

import { u16 } from "../codec/bytes.js";
import { LAN_UDP_PORT } from "../codec/commands.js";
import { label, TYPE_A, TYPE_PTR, TYPE_SRV, TYPE_TXT, type Resource } from "./packets.js";

// Service and TXT keys [C]
const SERVICE = "\x0d_wifi-binding\x04_udp\x05local";
const TYPES = "\x09_services\x07_dns-sd\x04_udp\x05local";
const LOCAL = "\x05local";
/** Seconds that RFC 6762 (10) recommends: for records that name a host, and for the others. */
const HOST_TTL = 120;
const OTHER_TTL = 4500;

/** Places in the list of records. */
export const SRV = 2;
export const TXT = 3;
export const A = 4;

export interface Presence {
  pk: string;
  dk: string;
  capabilities: number;
  /** STATE_… */
  state: number;
  /** Four bytes. */
  address: string;
}

function resource(name: string, type: number, unique: boolean, ttl: number, data: string, target: string): Resource {
  return { name: name, type: type, unique: unique, ttl: ttl, data: data, target: target };
}

/**
 * The records of a device: kind of service, the service, its place, its text, its address. Instance and host are named
 * after the DeviceKey, which the cloud gives to one device only: there is nothing to probe for.
 */
export function recordsOf(presence: Presence): Resource[] {
  const instance = label(presence.dk) + SERVICE;
  const host = label("wb-" + presence.dk) + LOCAL;
  const text = [
    "pk=" + presence.pk,
    "dk=" + presence.dk,
    "cap=" + presence.capabilities,
    "st=" + presence.state,
    "v=1",
  ];
  return [
    resource(TYPES, TYPE_PTR, false, OTHER_TTL, "", SERVICE),
    resource(SERVICE, TYPE_PTR, false, OTHER_TTL, "", instance),
    resource(instance, TYPE_SRV, true, HOST_TTL, "\0\0\0\0" + u16(LAN_UDP_PORT), host),
    resource(instance, TYPE_TXT, true, OTHER_TTL, text.map(label).join(""), ""),
    resource(host, TYPE_A, true, HOST_TTL, presence.address, ""),
  ];
}
