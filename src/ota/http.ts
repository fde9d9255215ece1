/** The little of HTTP that a download needs: an address, a request for a range, and the header of its answer. */

import { indexIn } from "../codec/bytes.js";
import { parseServer } from "../codec/server.js";

/** Longest URL, and longest header of an answer. */
const MAX_URL = 512;
export const MAX_HEADER = 2048;
const END = "\r\n";
const DEFAULT_PORT = { http: ":80", https: ":443" };

export interface Place {
  host: string;
  port: number;
  secure: boolean;
  path: string;
}

/** `http://host[:port]/path` or `https://…`. @returns undefined for what is none */
export function parseUrl(url: string): Place | undefined {
  const parts = url.split("/");
  const scheme = parts[0].toLowerCase();
  const secure = scheme == "https:";
  if ((!secure && scheme != "http:") || parts.length < 4 || parts[1] || url.length > MAX_URL || /[^!-~]/.test(url)) {
    return undefined;
  }
  const host = parts[2];
  const port = indexIn(host, ":", 0) < 0 ? (secure ? DEFAULT_PORT.https : DEFAULT_PORT.http) : "";
  const server = parseServer("mqtt://" + host + port);
  return (
    server && {
      host: server.host,
      port: server.port,
      secure: secure,
      path: url.substr(scheme.length + 2 + host.length),
    }
  );
}

/** Asks for the bytes from `from` up to `to`, that one not included. The host has its port always, as the SDK does it [S]. */
export function request(place: Place, from: number, to: number): string {
  const range = "Range: bytes=" + from + "-" + (to - 1);
  return [
    "GET " + place.path + " HTTP/1.1",
    "Host: " + place.host + ":" + place.port,
    range,
    "Connection: close",
    END,
  ].join(END);
}

/** The value of a field in a header whose letters are small. */
function field(header: string, name: string): string | undefined {
  const parts = header.split(END + name + ":");
  return parts.length > 1 ? parts[1].split(END)[0].trim() : undefined;
}

/**
 * Reads the header of an answer.
 * @param header without the empty line at its end
 * @param from first byte that was asked for
 * @param total bytes of the file
 * @returns how many bytes of the body are before that one, or why the answer is of no use
 */
export function skipOf(header: string, from: number, total: number): number | string {
  header = header.toLowerCase();
  const status = header.substr(9, 3);
  if (header.substr(0, 7) != "http/1." || field(header, "transfer-encoding")) return "http";
  if (status == "206") {
    const range = (field(header, "content-range") || "").split("/");
    if (indexIn(range[0], "bytes " + from + "-", 0)) return "http";
    return range[1] == String(total) || range[1] == "*" ? 0 : "size";
  }
  if (status != "200" || indexIn(field(header, "content-type") || "", "html", 0) >= 0) return "http";
  return field(header, "content-length") == String(total) ? from : "size";
}
