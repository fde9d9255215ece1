/** What only our MQTT client does: it tells what was not acknowledged, so that its owner sends that again. */

import { sleep } from "./bench-device.js";
import { round, type Figure } from "./figure.js";
import { breakingBroker } from "./mqtt-broker.js";
import { IN_FLIGHT, IN_RAM, run, speed } from "./mqtt-device.js";
import type { Client } from "./mqtt-programs.js";

type Figures = AsyncGenerator<Omit<Figure, "part">>;

/** Connections that break, for each repetition. */
const BREAKS = 5;
/** The longest that one may take, its new connection with it. */
const LONGEST_MS = 500;
/** Milliseconds that a broker's answers take. */
const DELAYS = [0, 2, 10];

/** What becomes of numbered publishes while each connection breaks. */
export async function* resending(client: Client, repeat: number): Figures {
  const breaks = BREAKS * repeat;
  const seen = new Map<string, number>();
  const broker = await breakingBroker(breaks, (payload) => seen.set(payload, (seen.get(payload) ?? 0) + 1));
  try {
    const [count, acknowledged] = await run(client, IN_RAM, async (device) => {
      await device.eval(`(resend(${broker.port},${IN_FLIGHT}),0)`);
      const end = Date.now() + breaks * LONGEST_MS;
      while (broker.broken() < breaks && Date.now() < end) await sleep(20);
      const last = (await device.eval("(last=n)")) as number;
      let done = 0;
      for (let tries = 0; done < last && tries < 500; tries++) {
        await sleep(20);
        done = (await device.eval("acked")) as number;
      }
      return [last, done];
    });
    const arrived = Array.from({ length: count }, (_, at) => String(at + 1)).filter((one) => seen.has(one)).length;
    const twice = [...seen.values()].reduce((sum, times) => sum + times - 1, 0);
    yield { name: "ours: connections that break", value: broker.broken(), unit: "connections" };
    yield { name: "ours: publishes over them", value: count, unit: "publishes" };
    yield { name: "ours: of these acknowledged", value: acknowledged, unit: `of ${count}` };
    yield { name: "ours: of these arrived", value: arrived, unit: `of ${count}`, note: `${twice} more than once` };
  } finally {
    await broker.stop();
  }
}

/** One publish at a time: what the interpreter's sleep costs, by when the acknowledgement comes. */
export async function* waiting(client: Client, count: number): Figures {
  for (const delay of DELAYS) {
    const rate = await speed(client, { qos: 1, count, flight: 1, delay });
    yield { name: `ours: one in flight, acknowledged after ${delay} ms`, value: round(rate), unit: "1/s" };
  }
}
