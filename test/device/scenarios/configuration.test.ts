/** What the cloud changes on a device that is bound, in every engine: keys, secrets, servers, products. */

import { expect } from "chai";

import { demoProducts, startCloud, type CloudEvent } from "../../../sim/cloud/index.js";
import { discoverOne } from "../../../sim/app/index.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { KEY_SECRET, KEY_SECRET_REPORTED } from "../../../src/storage/keys.js";
import { journalOf } from "../../support/journal.js";
import { watch } from "../../support/secrets.js";
import { World, type Setup } from "./world.js";

for (const name of ENGINES) {
  describe(`configuration in the engine ${name}`, function () {
    this.timeout(40_000);
    let world: World;
    let pk: string;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    const start = async (setup?: Setup): Promise<void> => {
      world = await World.start(name, setup);
      pk = world.products.products[0].pk;
      await world.own();
    };

    const configure = (change: object): ReturnType<World["configure"]> => world.configure(change, pk);

    const bindingSecret = async (): Promise<string> => (await journalOf(world.device)).text(KEY_SECRET);
    /** Waits until the cloud has another one. */
    const newSecret = (old: string): Promise<boolean> =>
      eventually(async () => {
        const journal = await journalOf(world.device);
        return journal.text(KEY_SECRET) !== old && journal.get(KEY_SECRET_REPORTED) === true;
      });
    const count = (event: string): number => world.count(event);
    const after = (...args: Parameters<World["until"]>): Promise<void> => world.until(...args);

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    it("a session key encrypts both directions, from the first connection and after a reboot", async () => {
      await start({ program: "library", options: { encrypt: true } });
      await after("connected", () => world.reboot());
      await world.reaches("bound");
      await after("window", () => world.device.eval("W.openWindow(60)"));
      await after("0042", () => configure({ info: true }));
      expect(world.seen()).not.to.include("malformed");
      const answers = world.events.filter(({ event, command }) => event === "reported" && command === "0042");
      expect(answers.length).to.equal(1);
    });

    it("a new DeviceSecret is what it connects with from then on, and the old one is worth nothing", async () => {
      await start();
      const secret = await bindingSecret();
      await after("connected", () => configure({ ds: true }));
      expect(count("authenticated")).to.equal(1);
      // A bindingSecret that was made for the old one is replaced, which is no reset to the cloud.
      await newSecret(secret);
      expect([count("reset"), world.state()]).to.deep.equal([0, "bound"]);
      await after("connected", () => world.reboot());
      expect([count("authenticated"), count("refused")]).to.deep.equal([1, 0]);
    });

    for (const seconds of [60, 1]) {
      it(`a new DeviceSecret leaves an app its code, also ${seconds} s before the window's end`, async () => {
        await start({ program: "library" });
        await after("window", () => world.device.eval(`W.openWindow(${seconds}, "0123456789ABCDEF")`));
        await after("00B5", () => configure({ ds: true }));
        const code = await world.device.eval("(W.window()||{code:''}).code");
        expect(code).to.be.oneOf(seconds > 1 ? ["0123456789ABCDEF"] : ["0123456789ABCDEF", ""]);
        if (seconds > 1) expect(await world.verdict("0123456789ABCDEF", 1)).to.equal(200);
        expect([count("refused"), count("reset"), count("malformed")]).to.deep.equal([0, 0, 0]);
      });
    }

    it("reauthentication gives it another one", async () => {
      await start();
      const secret = await bindingSecret();
      await after("authenticated", () => configure({ reauthenticate: true }));
      await newSecret(secret);
      await world.reaches("bound");
      expect([count("reset"), count("bound")]).to.deep.equal([0, 1]);
    });

    it("answers for status and information, and nothing is malformed", async () => {
      await start();
      await after("0042", () => configure({ info: true }));
      await after("0032", () => configure({ status: true }));
      expect(world.events.filter(({ command }) => command === "0032" || command === "0042").length).to.equal(2);
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
        await world.reboot();
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
      await world.reaches("bound");
    });

    it("another product: it reports its secret and can be bound as that, also after a reboot", async () => {
      const products = demoProducts();
      products.products.push({ ...products.products[0], pk: "p2other", ps: "another-product-secret" });
      await start({ world: products });
      await after("authenticated", () => configure({ product: { pk: "p2other", ps: "another-product-secret" } }));
      await eventually(async () => (await discoverOne(world.device.host, {})).pk === "p2other");
      await eventually(() => world.events.some((event) => event.command === "00B5" && event.pk === "p2other"));
      expect(count("reset")).to.equal(0);
      await world.reboot();
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
          await world.reaches("provisioning");
          expect(await world.device.eval("W.identity().pk")).to.equal(forget === "W.reset()" ? pk : "p2other");
        }
        // The cloud sent it away itself, so it may hold the user for bound; what counts is that it takes the device's code.
        const before = count("connected") + count("authenticated");
        await world.device.eval('(global.kept=0,W.on("provisioning",function(e){if(!e.error)global.kept=1}),0)');
        expect([200, 5049]).to.include((await world.bind()).envelope.code);
        expect(count("connected") + count("authenticated")).to.be.above(before);
        // 5049 may come before the network is the device's own.
        await eventually(async () => (await world.device.eval("global.kept")) === 1);
        await after("connected", () => world.reboot());
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
