/** What the cloud changes on a device that is bound, in every engine: keys, secrets, servers, products. */

import { expect } from "chai";

import { demoProducts, startCloud, type CloudEvent } from "../../../sim/cloud/index.js";
import { discoverOne } from "../../../sim/app/index.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { watch } from "../../support/secrets.js";
import { DK, World, type Setup } from "./world.js";

for (const name of ENGINES) {
  describe(`configuration in the engine ${name}`, function () {
    this.timeout(40_000);
    let world: World;
    let pk: string;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    /** Whether the last state that the device has told is this one. */
    const bound = (): boolean =>
      world.device.lines.findLast((line) => line.startsWith("WB state="))?.startsWith("WB state=bound") === true;

    const start = async (setup?: Setup): Promise<void> => {
      world = await World.start(name, setup);
      pk = world.products.products[0].pk;
      expect((await world.bind()).envelope.code).to.equal(200);
      await eventually(bound);
    };

    const configure = async (change: object): Promise<{ code: number; extMsg: string }> => {
      const response = await fetch(`${world.cloud.http}/dev/devices/${pk}/${DK}/config`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: world.products.operator! },
        body: JSON.stringify(change),
      });
      return (await response.json()) as { code: number; extMsg: string };
    };

    const count = (event: string): number => world.seen().filter((one) => one === event).length;

    const answers = (answer: string): number =>
      world.events.filter(({ event, command }) => event === "reported" && command === answer).length;

    /** Waits for one more event of that name than there were. */
    const after = async (event: string, action: () => Promise<unknown>, patience?: number): Promise<void> => {
      const before = count(event);
      await action();
      await eventually(() => count(event) > before, patience);
    };

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    it("a session key encrypts both directions, from the first connection and after a reboot", async () => {
      await start({ program: "library", options: { encrypt: true } });
      await after("connected", () => world.device.reboot());
      await eventually(async () => (await world.device.eval("W.state()")) === "bound");
      await after("window", () => world.device.eval("W.openWindow(60)"));
      await configure({ info: true });
      await eventually(() => answers("0042") === 1);
      expect(world.seen()).not.to.include("malformed");
    });

    it("a new DeviceSecret is what it connects with from then on, and the old one is worth nothing", async () => {
      await start();
      await after("connected", () => configure({ ds: true }));
      expect(count("authenticated")).to.equal(1);
      // Credentials that were made for the old one are replaced.
      await eventually(() => world.events.filter(({ command }) => command === "00B5").length >= 2);
      await after("connected", () => world.device.reboot());
      expect([count("authenticated"), count("refused")]).to.deep.equal([1, 0]);
    });

    for (const seconds of [60, 5]) {
      it(`a new DeviceSecret leaves the code that an app may hold, also ${seconds} s before the window's end`, async () => {
        await start({ program: "library" });
        await after("window", () => world.device.eval(`W.openWindow(${seconds}, "0123456789ABCDEF")`));
        await after("window", () => configure({ ds: true }));
        expect(await world.device.eval("(W.window()||0).code")).to.equal("0123456789ABCDEF");
        await eventually(() => world.events.at(-1)?.event !== "connected");
        expect(count("refused")).to.equal(0);
      });
    }

    it("reauthentication gives it another one", async () => {
      await start();
      await after("authenticated", () => configure({ reauthenticate: true }));
      await eventually(bound);
    });

    it("answers for status and information, and nothing is malformed", async () => {
      await start();
      for (const [change, answer] of [
        [{ info: true }, "0042"],
        [{ status: true }, "0032"],
      ] as const) {
        await configure(change);
        await eventually(() => answers(answer) === 1);
      }
      expect(world.seen()).not.to.include("malformed");
    });

    it("another server, which it goes to and stays with over a reboot", async () => {
      await start();
      const events: CloudEvent[] = [];
      const other = await startCloud({ ...world.products, onEvent: watch.events(events) });
      try {
        const { hostname, port } = new URL(other.mqtt);
        const server = { domain: hostname, ip: hostname, port: Number(port) };
        expect((await configure({ server })).code).to.equal(200);
        await eventually(() => events.some(({ event }) => event === "reported"));
        await world.device.reboot();
        await eventually(() => events.filter(({ event }) => event === "connected").length === 2);
        expect(events.map(({ event }) => event)).not.to.include("refused");
        expect(count("connected")).to.equal(1);
      } finally {
        await world.device.stop();
        await other.stop();
      }
    });

    it("a server that is not there: back at the old one after four failures, as bound as before", async () => {
      await start({ haste: 8 });
      const server = { domain: "127.0.0.1", ip: "127.0.0.1", port: 9 };
      // After the first three failures it waits for 1, 2 and 3 times 2.5 s of its own time at most.
      await after("connected", () => configure({ server }), 18_000);
      expect([count("authenticated"), count("connected")]).to.deep.equal([1, 2]);
      await eventually(bound);
    });

    it("another product: it reports its secret and can be bound as that, also after a reboot", async () => {
      const products = demoProducts();
      products.products.push({ ...products.products[0], pk: "p2other", ps: "another-product-secret" });
      await start({ world: products });
      await after("authenticated", () => configure({ product: { pk: "p2other", ps: "another-product-secret" } }));
      await eventually(async () => (await discoverOne(world.device.host, {})).pk === "p2other");
      await eventually(() => world.events.some((event) => event.command === "00B5" && event.pk === "p2other"));
      await world.device.reboot();
      await eventually(
        () => world.events.filter((one) => one.event === "connected" && one.pk === "p2other").length === 2,
      );
      expect(count("refused")).to.equal(0);
    });

    it("another server and product, then reset: it is provisioned again as the factory made it", async () => {
      const products = demoProducts();
      products.products.push({ ...products.products[0], pk: "p2other", ps: "another-product-secret" });
      await start({ world: products, program: "library" });
      const events: CloudEvent[] = [];
      const other = await startCloud({ ...world.products, onEvent: watch.events(events) });
      try {
        const { hostname, port } = new URL(other.mqtt);
        const server = { domain: hostname, ip: hostname, port: Number(port) };
        await configure({ server, product: { pk: "p2other", ps: "another-product-secret" } });
        await eventually(() => events.some(({ event }) => event === "reported"));
        for (const forget of ["W.remove()", "W.reset()"]) {
          await world.device.eval(`(${forget}, 0)`);
          await eventually(async () => (await world.device.eval("W.state()")) === "provisioning");
          expect(await world.device.eval("W.identity().pk")).to.equal(forget === "W.reset()" ? pk : "p2other");
        }
        // The cloud sent it away itself, so it may hold the user for bound; what counts is that it takes the device's code.
        const before = count("connected") + count("authenticated");
        expect([200, 5049]).to.include((await world.bind()).envelope.code);
        expect(count("connected") + count("authenticated")).to.be.above(before);
        await after("connected", () => world.device.reboot());
        expect([count("refused"), await world.device.eval("W.identity().pk")]).to.deep.equal([0, pk]);
      } finally {
        await world.device.stop();
        await other.stop();
      }
    });

    it("refuses changes that are none, and says what they are", async () => {
      await start();
      for (const change of [
        {},
        { ds: false },
        { server: { domain: "x" } },
        { product: { pk: "a;b" } },
        { colour: 1 },
      ]) {
        const { code, extMsg } = await configure(change);
        expect(code, extMsg).to.equal(5048);
      }
      pk = "unknown";
      expect((await configure({ ds: true })).code).to.equal(5314);
    });
  });
}
