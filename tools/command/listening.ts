/** What it means that a server listens on more than this machine. */
import { isLoopback } from "../../sim/listen.js";
import type { Output } from "./output.js";

/** Says in one line what an address opens; nothing for loopback. @param opens what anybody there may do */
export function exposure(host: string, opens: string, output: Output): void {
  if (isLoopback(host)) return;
  const message = `on ${host}, it ${opens}`;
  output.tell({ event: "warning", message }, output.paint.red(`Warning: ${message}`));
}
