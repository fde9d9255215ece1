/** The lives that a device can have: from which state each begins, and what happens in it. */

import { expect } from "chai";

import { encodeIdentity } from "../../../tools/factory/identity-image.js";
import { updateKey } from "../ota/files.js";
import { DK, PRODUCTS } from "./cloud.js";
import { NETWORKS, type Rig } from "./rig.js";

const [HOME, OTHER] = NETWORKS;
const [PRODUCT, SECOND] = PRODUCTS;

/** The user who owns the device before a life begins. */
export const OWNER = "owner";

export interface Life {
  name: string;
  /** "new" from the factory, or "bound" to its owner, on its network. */
  from: "new" | "bound";
  /** Another identity, written while the device has no power. */
  identity?: Uint8Array;
  act(rig: Rig): Promise<unknown>;
}

export const identityOf = (at: number): Uint8Array => {
  const { pk, ps } = PRODUCTS[at];
  return encodeIdentity({ pk, ps, dk: DK, updateKey: updateKey() });
};

const online = (rig: Rig): Promise<string> => rig.inState("online", "bound");

/** The life that leads from "new" to "bound". */
export async function settle(rig: Rig): Promise<void> {
  const code = String(await rig.provision(HOME.ssid, HOME.password));
  expect(rig.cloud.bind(PRODUCT.pk, OWNER, code)).to.equal(200);
  await rig.inState("bound");
}

/** Waits until the device works with a DS that it did not have. */
async function anotherDs(rig: Rig, pk: string, act: () => unknown): Promise<void> {
  await online(rig);
  const before = rig.cloud.record(pk).ds;
  act();
  await rig.until("another DS", () => rig.cloud.record(pk).ds !== before && rig.cloud.record(pk).nextDs === undefined);
  await online(rig);
}

export const LIVES: Life[] = [
  { name: "first boot", from: "new", act: (rig) => rig.inState("provisioning") },
  { name: "provision and bind", from: "new", act: settle },
  {
    name: "move to another network",
    from: "bound",
    async act(rig) {
      await online(rig);
      await rig.eval("(W.provision(),0)");
      await rig.provision(OTHER.ssid, OTHER.password);
    },
  },
  {
    name: "fail to move to another network",
    from: "bound",
    async act(rig) {
      await online(rig);
      await rig.eval("(W.provision(),0)");
      expect(await rig.provision(OTHER.ssid, "wrong-password")).to.equal(2);
    },
  },
  {
    name: "authenticate",
    from: "bound",
    act: (rig) => anotherDs(rig, PRODUCT.pk, () => rig.cloud.configure(PRODUCT.pk, { reauthenticate: true })),
  },
  {
    name: "get another DS",
    from: "bound",
    act: (rig) => anotherDs(rig, PRODUCT.pk, () => rig.cloud.configure(PRODUCT.pk, { ds: true })),
  },
  {
    name: "get another DS while a window is open, and in the last second of one",
    from: "bound",
    async act(rig) {
      for (const seconds of [60, 3]) {
        await online(rig);
        await rig.openWindow(seconds);
        if (seconds < 60) await rig.until("the last second", () => rig.eval("W.window().seconds == 0"));
        await anotherDs(rig, PRODUCT.pk, () => rig.cloud.configure(PRODUCT.pk, { ds: true }));
      }
    },
  },
  {
    name: "open a window",
    from: "bound",
    async act(rig) {
      await online(rig);
      await rig.openWindow(60);
    },
  },
  {
    name: "spend a code",
    from: "bound",
    async act(rig) {
      await online(rig);
      const code = await rig.openWindow(60);
      expect(rig.cloud.bind(PRODUCT.pk, "guest", code)).to.equal(200);
      await rig.until("the end of the code", async () => !(await rig.code()));
    },
  },
  {
    name: "let a code expire",
    from: "bound",
    async act(rig) {
      await online(rig);
      const code = await rig.openWindow(1);
      await rig.until("the end of the code", async () => !(await rig.code()));
      // The cloud takes it until it has heard of the one that revokes it.
      await rig.until("its revocation", async () => rig.cloud.notes.codes.at(-1) !== code);
      expect(rig.cloud.bind(PRODUCT.pk, "guest", code)).to.equal(5461);
    },
  },
  {
    name: "rotate and close",
    from: "bound",
    async act(rig) {
      await online(rig);
      const first = await rig.openWindow(60);
      await rig.eval("W.openWindow(60)");
      const second = await rig.reported(first);
      await rig.eval("(W.closeWindow(),0)");
      await rig.pass(100);
      for (const code of [first, second]) expect(rig.cloud.bind(PRODUCT.pk, "guest", code)).to.be.oneOf([5461, 5462]);
    },
  },
  {
    name: "lose a code to five wrong tries",
    from: "bound",
    async act(rig) {
      await online(rig);
      const code = await rig.openWindow(60);
      for (let n = 0; n < 5; n++) rig.cloud.bind(PRODUCT.pk, "thief", "0000000000000000");
      await rig.reported(code);
    },
  },
  {
    name: "be unbound",
    from: "bound",
    async act(rig) {
      await rig.inState("bound");
      expect(rig.cloud.unbind(PRODUCT.pk, OWNER)).to.equal(200);
      await rig.inState("online");
    },
  },
  {
    name: "reset",
    from: "bound",
    async act(rig) {
      await online(rig);
      await rig.openWindow(60);
      await rig.eval("(W.reset(),0)");
      await rig.provision(HOME.ssid, HOME.password);
    },
  },
  {
    name: "remove",
    from: "bound",
    async act(rig) {
      await online(rig);
      await rig.eval("(W.remove(),0)");
      await rig.provision(OTHER.ssid, OTHER.password);
    },
  },
  {
    name: "be moved to another product",
    from: "bound",
    act: (rig) =>
      anotherDs(rig, SECOND.pk, () => rig.cloud.configure(PRODUCT.pk, { product: { pk: SECOND.pk, ps: SECOND.ps } })),
  },
  {
    name: "remove what was moved to another product",
    from: "bound",
    async act(rig) {
      await anotherDs(rig, SECOND.pk, () =>
        rig.cloud.configure(PRODUCT.pk, { product: { pk: SECOND.pk, ps: SECOND.ps } }),
      );
      await rig.eval("(W.remove(),0)");
      await rig.provision(OTHER.ssid, OTHER.password);
    },
  },
  {
    name: "be offered an update while it gets another DS",
    from: "bound",
    async act(rig) {
      await online(rig);
      rig.cloud.offerUpdate();
      await anotherDs(rig, PRODUCT.pk, () => rig.cloud.configure(PRODUCT.pk, { ds: true }));
      await rig.until("the end of the update", () => rig.cloud.record(PRODUCT.pk).update?.ended);
      await rig.noUpdate();
    },
  },
  { name: "get another identity from the factory", from: "bound", identity: identityOf(1), act: online },
];
