/** An emulated device with the mDNS module on a network that it knows, and a real mDNS client beside it. */

import { randomInt } from "node:crypto";

import createClient, { type MulticastDNS } from "multicast-dns";

import { demoProducts, startCloud, type Cloud } from "../../sim/cloud/index.js";
import { bindDevice } from "../../sim/app/index.js";
import { EmulatedDevice } from "../../sim/emulator/index.js";
import { encodeIdentity } from "../../sim/identity.js";
import { readFileSync } from "node:fs";

export const DK = "MDNS12345678";
const NETWORK = { ssid: "home", password: "right-password" };
const APPLICATION = `var W = require("WifiBinding");
W.start(require("Storage").readJSON("binding.json", true));
require("WifiBindingMdns").start(W);`;

interface HeardRecord {
  name: string;
  type: string;
  ttl: number;
  data: unknown;
}

export class Bench {
  private readonly records: HeardRecord[] = [];

  private constructor(
    readonly device: EmulatedDevice,
    readonly cloud: Cloud,
    readonly client: MulticastDNS,
  ) {
    client.on("response", (response) => {
      this.records.push(...([...response.answers, ...response.additionals] as unknown as HeardRecord[]));
    });
  }

  /** The device is bound when this is done. */
  static async start(module: string): Promise<Bench> {
    const products = demoProducts();
    const { pk, ps } = products.products[0];
    const cloud = await startCloud(products);
    const device = await EmulatedDevice.start({
      host: `127.${randomInt(90, 99)}.${randomInt(256)}.${randomInt(1, 255)}`,
      networks: [NETWORK],
      flash: [{ offset: 0, bytes: encodeIdentity({ pk, ps, dk: DK }) }],
      storage: {
        ".bootcde": APPLICATION,
        WifiBinding: readFileSync("build/WifiBinding.min.js", "latin1"),
        WifiBindingMdns: module,
        "binding.json": JSON.stringify({ server: cloud.mqtt, security: 0 }),
      },
    });
    const client = createClient({ interface: "127.0.0.1", bind: "224.0.0.251", loopback: true, ttl: 1 } as object);
    await new Promise<void>((resolve) => client.once("ready", () => resolve()));
    const bench = new Bench(device, cloud, client);
    await bindDevice({ address: device.host, cloud: cloud.http, token: products.users[0].token, ...NETWORK });
    return bench;
  }

  /** Records of that name that the client has heard. */
  heard(name: string): HeardRecord[] {
    return this.records.filter((record) => record.name === name);
  }

  /** TXT records of the device, entries joined by commas. */
  texts(): string[] {
    return this.records.filter(({ type }) => type === "TXT").map(({ data }) => (data as Buffer[]).map(String).join());
  }

  addresses(): unknown[] {
    return this.records.filter(({ type }) => type === "A").map(({ data }) => data);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.client.destroy(() => resolve()));
    await this.device.stop();
    await this.cloud.stop();
  }
}
