/** How each event of the table is brought about on a running device. */

import { expect } from "chai";

import { ProvisioningError } from "../../../sim/app/index.js";
import { startCloud, type CloudEvent } from "../../../sim/cloud/index.js";
import { encodeIdentity, type FactoryIdentity } from "../../../tools/factory/identity-image.js";
import { TestDevice } from "../../support/cloud-device.js";
import { eventually } from "../../unit/sim/emulator/harness.js";
import { DK, NETWORK } from "../scenarios/world.js";
import { writeIdentity } from "../../support/journal.js";
import { watch } from "../../support/secrets.js";
import { OTHER_PK, OTHER_PS, type Life } from "./life.js";

export interface Happening {
  /** What is there before the event; its effects are not the row's. */
  prepare?: (life: Life) => Promise<void>;
  /** Returns once the device has taken notice. */
  act: (life: Life) => Promise<void>;
  /** More options of the device. */
  autoRotate?: number;
  /** How many times faster the device lives. */
  haste?: number;
}

/** For what waits until the device tries again, seconds later. Not for a window's end: the cloud's clock keeps its own. */
const HASTE = 4;

const tokenOf = ({ world }: Life, user: number): string => world.products.users[user].token;

const open = (life: Life, seconds = ""): Promise<void> =>
  life.until("window", () => life.device.eval(`W.openWindow(${seconds})`));

async function leaveRouter(life: Life): Promise<void> {
  await life.device.radio.setNetworks([]);
  await life.reaches("joining");
}

async function comeBack(life: Life): Promise<void> {
  await life.until("window", () => life.device.radio.setNetworks([NETWORK]), 12_000);
}

async function reset(life: Life): Promise<void> {
  await life.device.eval("W.reset()");
  await life.reaches("provisioning");
  life.authKey = "";
}

/** Power cut and boot, out of reach of any network: what the boot itself does, and nobody else. */
async function bootAlone(life: Life): Promise<void> {
  await life.device.radio.setNetworks([]);
  await life.device.reboot();
  await life.reaches("joining");
}

async function factory(life: Life, change: Partial<FactoryIdentity>): Promise<void> {
  const { pk, ps } = life.world.products.products[0];
  await writeIdentity(life.device, encodeIdentity({ pk, ps, dk: DK, pop: life.pop, ...change }));
  life.factoryDs = change.ds ?? "";
  await bootAlone(life);
}

/** Another cloud, at a port, that knows the world's products and nothing else. */
async function stranger(life: Life, events: CloudEvent[], mqttPort = 0): Promise<void> {
  life.cloud = await startCloud({ ...life.world.products, mqttPort, onEvent: watch.events(events) });
  life.more.push(life.cloud);
}

/** Its server becomes one that knows nothing. */
async function amnesia(life: Life): Promise<void> {
  const port = Number(new URL(life.world.cloud.mqtt).port);
  const events: CloudEvent[] = [];
  await life.world.cloud.stop();
  await stranger(life, events, port);
  await eventually(() => events.some(({ event }) => event === "window"), 12_000);
  expect(events.find(({ event }) => event === "refused")?.code).to.equal(10438);
}

async function otherServer(life: Life): Promise<void> {
  const events: CloudEvent[] = [];
  const before = life.cloud;
  await stranger(life, events);
  const { hostname, port } = new URL(life.cloud.mqtt);
  const { cloud } = life;
  life.cloud = before;
  await life.configure({ server: { domain: hostname, ip: hostname, port: Number(port) } });
  life.cloud = cloud;
  await eventually(() => events.some(({ event }) => event === "window"));
}

/** Somebody else has taken a DS in its name. */
async function wrongDs(life: Life): Promise<void> {
  const { pk, ps } = life.world.products.products[0];
  const other = await TestDevice.connect(life.cloud.mqtt, { pk, ps, dk: DK });
  await other.ds();
  other.stop();
  await life.until("window", () => life.proxy.passages.at(-1)!.cut(), 12_000);
  expect(life.world.events.some(({ event, code }) => event === "refused" && code === 10437)).to.equal(true);
}

async function fiveWrongCodes(life: Life): Promise<void> {
  await life.until("window", async () => {
    for (let n = 0; n < 5; n++) expect(await life.accepts("0000000000000000")).to.equal(false);
  });
}

async function wrongNetwork(life: Life): Promise<void> {
  const error = await life.bind({ ...NETWORK, ssid: "nowhere" }).catch((reason: Error) => reason);
  expect(error).to.be.instanceOf(ProvisioningError);
  await life.reaches("provisioning");
}

const call = (expression: string, state: string): Happening => ({
  async act(life) {
    await life.device.eval(expression);
    await life.reaches(state);
  },
});

/** By the event's name in the table. */
export const HAPPENINGS: Record<string, Happening> = {
  "first boot": { act: (life) => life.reaches("provisioning") },
  "an app brings a network: authenticated, reported, acknowledged": { act: (life) => life.provision() },
  "an app brings a network that does not work": {
    prepare: async (life) => void (await life.device.eval("W.provision()")),
    act: wrongNetwork,
  },
  "`openWindow()`": { act: open },
  "`openWindow()` out of the cloud's reach": {
    prepare: leaveRouter,
    async act(life) {
      expect(await life.device.eval("W.openWindow()")).to.equal(true);
    },
  },
  "… and the cloud is back": {
    haste: HASTE,
    async prepare(life) {
      await leaveRouter(life);
      await life.device.eval("W.openWindow()");
    },
    act: comeBack,
  },
  "`closeWindow()`": { act: (life) => life.until("window", () => life.device.eval("W.closeWindow()")) },
  "`closeWindow()` out of the cloud's reach": {
    prepare: leaveRouter,
    act: async (life) => void (await life.device.eval("W.closeWindow()")),
  },
  "… and the cloud is back again": {
    haste: HASTE,
    prepare: leaveRouter,
    async act(life) {
      await life.device.eval("W.closeWindow()");
      await comeBack(life);
    },
  },
  "the window ends": {
    prepare: (life) => open(life, "3"),
    act: async (life) => void (await eventually(() => life.device.eval("!W.window()"))),
  },
  "the window ends, with `autoRotate`": {
    autoRotate: 20,
    haste: 8,
    prepare: (life) => open(life, "20"),
    act: (life) => life.until("window", () => {}),
  },
  "an app reads the code": {
    async act(life) {
      const { bindingCode } = (await life.readCode())!;
      expect(bindingCode).to.equal((await life.look()).bindingCode);
    },
  },
  "an app asks for the code less than 10 s before its end": {
    prepare: (life) => open(life, "9"),
    act: (life) =>
      life.until("window", async () => {
        const { bindingCode, seconds } = (await life.readCode())!;
        expect(seconds).to.be.at.least(10);
        expect(bindingCode).to.equal((await life.look()).bindingCode);
      }),
  },
  "bound: the code is spent": {
    async act(life) {
      await life.world.bind({ ssid: undefined, password: undefined });
      await life.reaches("bound");
    },
  },
  "bound by a second user": {
    act: (life) =>
      life.until("bound", async () => {
        const { authKey } = life;
        const code = (await life.look()).bindingCode;
        const again = { ssid: undefined, password: undefined, authKey, code, token: tokenOf(life, 1) };
        expect((await life.world.bind(again)).envelope.data!.authKey).to.equal(authKey);
      }),
  },
  "five wrong codes at the cloud": { act: fiveWrongCodes },
  unbound: {
    async act(life) {
      const query = new URLSearchParams({ pk: life.pk, dk: DK });
      const path = `/v2/binding/enduserapi/unbundlingDeviceDk?${query}`;
      expect((await life.call("DELETE", path, tokenOf(life, 0))).code).to.equal(200);
      await life.reaches("online");
    },
  },
  "`provision()`": call("W.provision()", "provisioning"),
  "`remove()`": call("W.remove()", "provisioning"),
  "`reset()`": { act: reset },
  "… and an app brings a network": { prepare: reset, act: (life) => life.provision() },
  "power cut, and boot": {
    act: async (life) => {
      await life.until("connected", () => life.device.reboot());
      await life.reaches("bound");
    },
  },
  "the router goes away and comes back": {
    haste: HASTE,
    async act(life) {
      await leaveRouter(life);
      await comeBack(life);
    },
  },
  "the connection to the cloud breaks": {
    haste: HASTE,
    act: (life) => life.until("window", () => life.proxy.passages.at(-1)!.cut(), 12_000),
  },
  "the cloud gives another DS": { act: (life) => life.until("window", () => life.configure({ ds: true })) },
  "the cloud demands authentication": {
    act: (life) => life.until("window", () => life.configure({ reauthenticate: true })),
  },
  "the cloud refuses the DS: wrong (10437)": { haste: HASTE, act: wrongDs },
  "the cloud refuses the DS: none was issued (10438)": { haste: HASTE, act: amnesia },
  "the cloud gives another PK and PS": {
    async act(life) {
      await life.until("window", () => life.configure({ product: { pk: OTHER_PK, ps: OTHER_PS } }));
      life.pk = OTHER_PK;
    },
  },
  "the cloud sends it to another server": { act: otherServer },
  "… that is not there": {
    haste: 8,
    act: (life) =>
      life.until("window", () => life.configure({ server: { domain: "127.0.0.1", ip: "127.0.0.1", port: 9 } }), 12_000),
  },
  "the factory writes another PK": { act: (life) => factory(life, { pk: OTHER_PK }) },
  "the factory writes another PS": { act: (life) => factory(life, { ps: OTHER_PS }) },
  "the factory writes another DK": { act: (life) => factory(life, { dk: "ABCD12345679" }) },
  "the factory writes another DS": { act: (life) => factory(life, { ds: "S".repeat(32) }) },
  "a wrong proof of possession": { act: (life) => life.wrongProof() },
  "a fifth wrong proof: locked out": {
    async prepare(life) {
      for (let n = 0; n < 2; n++) await life.wrongProof();
    },
    async act(life) {
      await life.wrongProof();
      const error = await life.readCode().catch((reason: Error) => reason);
      expect(error)
        .to.be.an("error")
        .with.property("message")
        .that.matches(/again in (29|30) s/);
    },
  },
  "… and a power cut": {
    async prepare(life) {
      for (let n = 0; n < 3; n++) await life.wrongProof();
    },
    act: (life) => life.until("connected", () => life.device.reboot()),
  },
};
