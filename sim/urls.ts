/** URLs on the host: the device's own grammar, and one sentence for a refusal, without the URL, which may hold a password. */

import { isIPv4 } from "node:net";

import { parseServer } from "../src/codec/server.js";
import { UsageError } from "./errors.js";

export interface Url {
  /** In lower case. */
  scheme: string;
  host: string;
  /** Undefined where the URL has none. */
  port?: number;
  /** The URL itself, the scheme in lower case and without a slash at its end. */
  text: string;
}

/** What is wrong with what follows the scheme. */
function fault(rest: string): string {
  if (rest.includes("@")) return "has a user or a password, which does not belong there";
  if (/[?#]/.test(rest)) return "has a query or a fragment";
  if (/^\[|:.*:/.test(rest)) return "has an IPv6 address, which is not supported";
  if (/\/./.test(rest)) return "has a path";
  const [, host = "", port] = /^([^:/]*)(?::(.*?))?\/?$/.exec(rest) ?? [];
  if (!/^[\w.-]+$/.test(host)) return "has no host name or IPv4 address";
  if (parseServer(`mqtt://${rest}`)) return "has a malformed host name or IPv4 address";
  return port === undefined ? "has a malformed host name" : "needs a port of 1-65535, without leading zeros";
}

/** Names as DNS has them; parseServer takes a little more, to be small. One that ends in a number is an address. */
function isHost(host: string): boolean {
  if (/(^|\.)\d+$/.test(host)) return isIPv4(host);
  return host.split(".").every((label) => /^\w([\w-]*\w)?$/.test(label));
}

/**
 * Reads `scheme://host[:port][/]`.
 * @param schemes that are accepted, without `://`
 * @param example of a right one, for the message
 * @throws UsageError with one sentence that repeats nothing of the URL
 */
export function readUrl(text: string, schemes: string[], example: string): Url {
  const [, given = "", rest = ""] = /^([a-z]+):\/\/(.*)$/is.exec(text) ?? [];
  const scheme = given.toLowerCase();
  if (!schemes.includes(scheme)) throw new UsageError(`give a URL such as ${example}`);
  const server = parseServer(`mqtt://${rest}`);
  if (!server || !isHost(server.host)) {
    throw new UsageError(`the URL ${fault(rest)}: give one such as ${example}`);
  }
  const bare = rest.replace(/\/$/, "");
  const port = bare.includes(":") ? server.port : undefined;
  return { scheme, host: server.host, port, text: `${scheme}://${bare}` };
}

/** The MQTT server of a device. @throws UsageError */
export function mqttServer(text: string): string {
  return readUrl(text, ["mqtt", "mqtts"], "mqtt://127.0.0.1:1883").text;
}

/** The binding API of a cloud; behind a proxy it may have a path. @throws UsageError */
export function apiServer(text: string): string {
  const [place, path = ""] = /^([a-z]+:\/\/[^/?#]*)(\/[\w.~%/-]*)?$/i.exec(text)?.slice(1) ?? [text];
  return readUrl(place, ["http", "https"], "http://127.0.0.1:8080").text + path.replace(/\/+$/, "");
}
