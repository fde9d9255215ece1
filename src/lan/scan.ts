/** The networks that the device sees, for an app to choose from. */

import type { Node } from "../codec/ttlv.js";
import type { Hal } from "../hal/hal.js";
import type { Network } from "../hal/wifi.js";

const MAX_NETWORKS = 16;
/** Apps that may wait for one scan. */
const MAX_WAITING = 8;
/** Milliseconds after which a scan that has told nothing counts as lost: the radio may have gone to join a network. */
const LOST = 15000;

/** The names, strongest first, each once, hidden ones left out, at most 16: an array of texts [X]. */
function namesOf(found: Network[]): Node[] {
  const names: string[] = [];
  found.sort((a, b) => +b.rssi - +a.rssi);
  found.forEach((network) => {
    const name = network.isHidden ? "" : network.ssid;
    if (name && names.length < MAX_NETWORKS && names.indexOf(name) < 0) names.push(name);
  });
  return names.map((name) => [0, name]);
}

/**
 * Espruino scans for one at a time, and throws for a second: apps that ask meanwhile share the result.
 * @once
 */
export function createScan(hal: Hal): (done: (names: Node[]) => void) => void {
  let waiting: ((names: Node[]) => void)[] = [];
  let lost = 0;

  function finish(names: Node[]): void {
    const asked = waiting;
    waiting = [];
    asked.forEach((done) => done(names));
  }

  return (done) => {
    if (hal.now() >= lost) finish([]);
    if (waiting.length >= MAX_WAITING) return done([]);
    if (waiting.push(done) > 1) return;
    lost = hal.now() + LOST;
    try {
      hal.wifi().scan((found) => finish(namesOf(found || [])));
    } catch (_busy) {
      finish([]);
    }
  };
}
