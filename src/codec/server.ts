/** The address of the MQTT server. */

export interface Server {
  host: string;
  port: number;
  secure: boolean;
}

/** Longest host name [S]. */
const MAX_HOST = 63;

/** Reads `mqtt://host[:port]` or `mqtts://host[:port]`; default ports 1883 and 8883. @returns undefined when malformed */
export function parseServer(url: string): Server | undefined {
  const secure = url.substr(0, 8) == "mqtts://";
  if (!secure && url.substr(0, 7) != "mqtt://") return undefined;
  const parts = url.substr(secure ? 8 : 7).split(":");
  const port = parts.length > 1 ? parseInt(parts[1]) : secure ? 8883 : 1883;
  const host = parts[0];
  if (!host || host.length > MAX_HOST || parts.length > 2 || !(port > 0 && port < 65536)) return undefined;
  return { host: host, port: port, secure: secure };
}

/** The URL that parses to this server. */
export function serverUrl(server: Server): string {
  return (server.secure ? "mqtts://" : "mqtt://") + server.host + ":" + server.port;
}
