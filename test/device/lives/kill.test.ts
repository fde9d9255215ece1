/**
 * The real interpreter, killed at random moments of a random life: one device, boot after boot, whose flash file and
 * cloud have to keep the rules of invariants.ts after each.
 */

import { expect } from "chai";

import { InterpreterDevice } from "../../../sim/emulator/index.js";
import { BLOCK_SIZE, IDENTITY_BLOCKS } from "../../../src/codec/record.js";
import { hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { patience, rounds } from "../../support/endurance.js";
import { LifeCloud, PRODUCTS } from "./cloud.js";
import { readFacts } from "./facts.js";
import { AT_THE_CUT, broken, IN_THE_END, type Wreck } from "./invariants.js";
import { identityOf } from "./lives.js";
import { recover } from "./recovery.js";
import { NETWORKS, reportingFiles, Rig } from "./rig.js";

const KILLS = rounds(100, 2000);
/** Rounds after which the owner binds the device in peace. */
const PEACE = 10;
/** Milliseconds that a life lasts at most. The boot takes a quarter of them. */
const LONGEST = 550;
const IDENTITY = IDENTITY_BLOCKS * BLOCK_SIZE;
const [FIRST, SECOND] = PRODUCTS;

const anyOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)];

/** What may happen to a device that is online, with its PK. */
const EVENTS: ((rig: Rig, pk: string) => unknown)[] = [
  (rig) => rig.openWindow(60),
  (rig) => rig.eval("(W.closeWindow(),0)"),
  async (rig, pk) => rig.cloud.bind(pk, `user${Math.random()}`, await rig.openWindow(60)),
  (rig, pk) => [...rig.cloud.record(pk).bindings.keys()].forEach((user) => rig.cloud.unbind(pk, user)),
  (rig, pk) => rig.cloud.configure(pk, { ds: true }),
  (rig, pk) => rig.cloud.configure(pk, { reauthenticate: true }),
  (rig, pk) => pk === FIRST.pk && rig.cloud.configure(pk, { product: { pk: SECOND.pk, ps: SECOND.ps } }),
  (rig) => rig.cloud.offerUpdate(),
  (rig) => rig.eval("(W.provision(),0)"),
  (rig) => rig.eval("(W.remove(),0)"),
  (rig) => rig.eval("(W.reset(),0)"),
];

/** Networks with their passwords, and PK with PS: these and no others. The server comes with another PK. */
function allowed(url: string): Pick<Wreck, "networks" | "products"> {
  const all = [{ ssid: undefined, password: undefined }, ...NETWORKS];
  const texts = [undefined, url].flatMap((server) =>
    all.map(({ ssid, password }) => JSON.stringify([ssid, password, server])),
  );
  return { networks: new Set(texts), products: new Set(["[null,null]", JSON.stringify([SECOND.pk, SECOND.ps])]) };
}

/** One event after the other until the power goes. */
async function live(rig: Rig): Promise<never> {
  for (;;) {
    const state = await rig.inState("provisioning", "online", "bound");
    const { ssid, password } = anyOf(NETWORKS);
    if (state === "provisioning") await rig.provision(ssid, password);
    else await anyOf(EVENTS)(rig, await rig.pk());
  }
}

describe(`the real interpreter, killed ${KILLS} times`, function () {
  this.timeout(patience(KILLS, 600));
  const world = { pass: pause, alive: () => device.alive, step: 10 };
  const identity = identityOf(0);
  const known = new Set<string>();
  let device: InterpreterDevice;
  let cloud: LifeCloud;

  before(async function () {
    if (!hasEngine("espruino")) return this.skip();
    cloud = await LifeCloud.start(() => performance.now());
    device = await InterpreterDevice.start({
      storage: {
        ...reportingFiles(),
        "binding.json": JSON.stringify({ server: cloud.url, security: 0 }),
      },
      flash: [{ offset: 0, bytes: identity }],
      networks: NETWORKS,
      joinDelay: 5,
    });
  });

  after(async () => {
    await device?.stop();
    await cloud?.stop();
  });

  /** A life of random length. @returns the device as it lies there */
  async function cutOff(rig: Rig): Promise<Wreck> {
    const before = readFacts(device.flash);
    const connections = cloud.notes.passwords.length;
    const killed = pause(Math.random() * LONGEST).then(() => device.powerOff());
    const died = (error: unknown): void => {
      if (device.alive) throw error;
    };
    await Promise.all([
      killed,
      device
        .reboot()
        .then(() => live(rig))
        .catch(died),
    ]);
    // What it has sent is still on its way.
    await pause(10);
    return {
      ...allowed(cloud.url),
      before,
      cut: readFacts(device.flash),
      deviceSecrets: cloud.notes.deviceSecrets,
      cloudSecrets: PRODUCTS.map(({ pk }) => cloud.record(pk).secret),
      connections: cloud.notes.passwords.length - connections,
    };
  }

  /** The codes of this boot, of which none may be known from a former one. */
  function newCodes(rig: Rig): { deadCodes: Set<string>; freshCodes: Set<string> } {
    const deadCodes = new Set(known);
    const freshCodes = new Set([...rig.codes, ...cloud.notes.codes]);
    freshCodes.forEach((code) => known.add(code));
    cloud.notes.codes = [];
    return { deadCodes, freshCodes };
  }

  it(`endurance: keeps its credentials, and binds after every ${PEACE}th`, async () => {
    const states = new Set<unknown>();
    let connections = 0;
    for (let n = 1; n <= KILLS; n++) {
      const rig = new Rig(device, cloud, world);
      const wreck = await cutOff(rig);
      expect(broken(AT_THE_CUT, wreck), `kill ${n}`).to.deep.equal([]);
      const { deadCodes, freshCodes } = newCodes(rig);
      expect(
        [...freshCodes].filter((code) => deadCodes.has(code)),
        `kill ${n}`,
      ).to.deep.equal([]);
      connections += wreck.connections;
      states.add(wreck.cut.KEY_RANDOM);
      if (n % PEACE) continue;
      await device.reboot();
      const later = new Rig(device, cloud, world);
      const end = await recover(later, `owner${n}`);
      await device.powerOff();
      const after = readFacts(device.flash);
      const both: [Uint8Array, Uint8Array] = [identity, device.flash.subarray(0, IDENTITY)];
      const story = { ...wreck, ...end, ...newCodes(later), after, identity: both, passwords: cloud.notes.passwords };
      expect(broken(IN_THE_END, story), `after kill ${n}`).to.deep.equal([]);
    }
    expect(device.uncaught).to.deep.equal([]);
    console.log(
      `      ${KILLS} kills: ${states.size} random states, ${connections} connections, ${known.size} codes, no violation`,
    );
    expect(known.size).to.be.above(KILLS / 20);
  });
});
