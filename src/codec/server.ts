/** The address of the MQTT server, and the one grammar of URLs for device and host. */

import { isKey } from "./identity.js";

export interface Server {
  host: string;
  port: number;
  secure: boolean;
}

/** Longest host name [S]. */
const MAX_HOST = 63;

/**
 * Reads `mqtt://host[:port][/]` or `mqtts://…`, the scheme in any case; default ports 1883 and 8883. A host is a name or
 * an IPv4 address. User, path, query, fragment and IPv6 are refused.
 * @returns undefined when malformed
 */
export function parseServer(url: string): Server | undefined {
  const pieces = url.split("/"); // mqtt:, nothing, host:port, and perhaps nothing
  const scheme = pieces[0].toLowerCase();
  const secure = scheme == "mqtts:";
  const parts = (pieces[2] || "").split(":");
  const host = parts[0];
  const text = parts.length > 1 ? parts[1] : secure ? "8883" : "1883";
  // Espruino throws at a number of 64 digits. A port that is not the text of its number had something around it.
  const port = parseInt(text.substr(0, 6));
  return (secure || scheme == "mqtt:") &&
    !pieces[1] &&
    !pieces[3] &&
    pieces.length < 5 &&
    isKey(host.replace(/[-._]/g, "a"), 1, MAX_HOST) &&
    parts.length < 3 &&
    "" + port == text &&
    port > 0 &&
    port < 65536
    ? { host: host, port: port, secure: secure }
    : undefined;
}

/** The URL that parses to this server. */
export function serverUrl(server: Server): string {
  return (server.secure ? "mqtts://" : "mqtt://") + server.host + ":" + server.port;
}
