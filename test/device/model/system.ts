/** What the model is compared with: an emulated device on a virtual clock, a development cloud, a line between them. */

import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";

import { callBinding, possessionOf, type Possession } from "../../../sim/app/index.js";
import { openLink } from "../../../sim/app/proof.js";
import { demoProducts, startCloud, type Cloud, type CloudEvent } from "../../../sim/cloud/index.js";
import { EmulatedDevice, VirtualClock } from "../../../sim/emulator/index.js";
import { encodeIdentity, newPop } from "../../../tools/factory/identity-image.js";
import type { Node } from "../../../src/codec/ttlv.js";
import { readFacts } from "../lives/facts.js";
import { DK, NETWORK } from "../scenarios/world.js";
import { Proxy } from "../../support/proxy.js";
import { watch } from "../../support/secrets.js";
import { Power } from "./power.js";

/** Tells the tests what the application has heard last. */
const APPLICATION = `var W=require("WifiBinding"),heard=0,ended;
W.on("window",function(e){heard=e.seconds});
W.on("provisioning",function(e){ended=e.error});
W.start(require("Storage").readJSON("binding.json",true));
require("WifiBindingProof").start(W);`;
const LOOK = "({state:W.state(),window:W.window(),capabilities:W.capabilities(),heard:heard})";
const ENTERPRISE = "token-of-an-enterprise";
/** Real milliseconds in which an app has its answers. */
const PATIENCE = 5000;

/** Names of the cloud's servers, the configured one first: two doors of one cloud. */
export const SERVERS = ["the configured server", "the other server"];

/** What the device says of itself. */
export interface Look {
  state: string;
  window?: { code: string; seconds: number };
  capabilities: number;
  /** Seconds of the last `window` event. */
  heard: number;
  /** How often the cloud has let it in. */
  connections: number;
  /** Which server it goes to. */
  at: number;
  /** The codes that the cloud was told, oldest first. */
  reports: readonly Report[];
  /** How often the cloud has taken another bindingSecret for a reset. */
  resets: number;
}

/** A code that the device has reported. */
export interface Report {
  /** On the clock. */
  at: number;
  /** Whether it is good; else it is one that has been dead before. */
  taken: boolean;
}

export class System {
  /** BASE64, what the cloud has given last. */
  authKey = "";

  private constructor(
    /** What the cloud has told. */
    readonly events: CloudEvent[],
    private readonly reports: Report[],
    readonly clock: VirtualClock,
    readonly cloud: Cloud,
    /** In the order of SERVERS. */
    readonly proxies: Proxy[],
    readonly urls: string[],
    readonly device: EmulatedDevice,
    readonly power: Power,
    private readonly pk: string,
    private readonly pop: string,
    private readonly operator: string,
  ) {}

  /** @param autoRotate seconds, or 0 */
  static async start(autoRotate: number): Promise<System> {
    const clock = new VirtualClock();
    const products = demoProducts();
    products.users = ["one", "two"].map((id) => ({ id, token: `token-of-user-${id}` }));
    products.users.push({ id: "firm", token: ENTERPRISE, enterprise: true });
    const [{ pk, ps }] = products.products;
    const events: CloudEvent[] = [];
    const keep = watch.events(events);
    const reports: Report[] = [];
    const onEvent = (event: CloudEvent): void => {
      clock.touch();
      keep(event);
      if (event.event === "window" || event.event === "stale") {
        reports.push({ at: clock.now(), taken: event.event === "window" });
      }
    };
    const cloud = await startCloud({ ...products, now: () => clock.now(), onEvent });
    const proxies = await Promise.all(SERVERS.map(() => Proxy.start(cloud.mqtt)));
    const urls = proxies.map(({ url }) => url);
    for (const proxy of proxies) proxy.onTraffic = () => clock.touch();
    const pop = newPop();
    const device = await EmulatedDevice.start({
      host: `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`,
      clock,
      networks: [NETWORK],
      storage: {
        WifiBinding: readFileSync("build/WifiBinding.min.js", "latin1"),
        WifiBindingProof: readFileSync("build/WifiBindingProof.min.js", "latin1"),
        "binding.json": JSON.stringify({ server: urls[0], autoRotate: autoRotate || undefined }),
        ".bootcde": APPLICATION,
      },
      flash: [{ offset: 0, bytes: encodeIdentity({ pk, ps, dk: DK, pop }) }],
    });
    return new System(
      events,
      reports,
      clock,
      cloud,
      proxies,
      urls,
      device,
      new Power(device, clock, urls),
      pk,
      pop,
      products.operator!,
    );
  }

  async stop(): Promise<void> {
    await this.device.stop();
    await Promise.all(this.proxies.map((proxy) => proxy.stop()));
    await this.cloud.stop();
  }

  async look(): Promise<Look> {
    const said = (await this.device.eval(LOOK)) as Look;
    const { at } = this.power.durable();
    return { ...said, connections: this.connections(), at, reports: this.reports, resets: this.count("reset") };
  }

  connections(): number {
    return this.count("connected") + this.count("authenticated");
  }

  /** Whether its flash says that the cloud has its bindingSecret. */
  secretReported(): boolean {
    return readFacts(this.device.flash).KEY_SECRET_REPORTED === true;
  }

  /** Calls the API as one of the users. */
  async bind(user: "one" | "two", bindingCode: string): Promise<number> {
    const request = { productKey: this.pk, deviceKey: DK, bindingCode };
    const { code, data } = await callBinding(this.cloud.http, `token-of-user-${user}`, request);
    if (data) this.authKey = data.authKey;
    return code;
  }

  async unbind(user: "one" | "two"): Promise<number> {
    const path = `/v2/binding/enduserapi/unbundlingDeviceDk?pk=${this.pk}&dk=${DK}`;
    return this.call("DELETE", path, `token-of-user-${user}`);
  }

  /** Whether the cloud would take the code; each no is a wrong try where a window is open. */
  async accepts(code: string): Promise<boolean> {
    const query = `pk=${this.pk}&dk=${DK}&bindingCode=${code}`;
    return (await this.call("POST", `/v2/binding/enterpriseapi/verifyBindingCode?${query}`, ENTERPRISE)) === 200;
  }

  configure(change: object): Promise<number> {
    return this.call("POST", `/dev/devices/${this.pk}/${DK}/config`, this.operator, change);
  }

  /** One question of an app that has proved what it knows. @param authKey BASE64, or "": then it is the label */
  ask(authKey: string, cmd: number, nodes: Node[] = []): Promise<Node[] | undefined> {
    return this.over(possessionOf({ authKey, pop: this.pop }, DK)!, cmd, nodes);
  }

  /** The same of one who guesses. */
  guess(cmd: number): Promise<Node[] | undefined> {
    return this.over(possessionOf({ pop: newPop() }, DK)!, cmd, []);
  }

  /** Lets time pass until a promise is settled. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const mark = (): void => void (done = true);
    promise.then(mark, mark);
    for (; ; await this.clock.advance(100)) {
      await this.clock.settle();
      if (done) return promise;
    }
  }

  private count(name: CloudEvent["event"]): number {
    return this.events.filter(({ event }) => event === name).length;
  }

  private async over(possession: Possession, cmd: number, nodes: Node[]): Promise<Node[] | undefined> {
    const link = await openLink(this.device.host, PATIENCE, { possession });
    try {
      return await link.request(cmd, cmd + 1, PATIENCE, undefined, nodes);
    } finally {
      link.close();
    }
  }

  private async call(method: string, path: string, token: string, body?: object): Promise<number> {
    const headers = { authorization: token, ...(body && { "content-type": "application/json" }) };
    const answer = await fetch(this.cloud.http + path, { method, headers, body: body && JSON.stringify(body) });
    return ((await answer.json()) as { code: number }).code;
  }
}
