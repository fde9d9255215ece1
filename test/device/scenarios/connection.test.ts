/** The connection to the cloud in every engine: TLS, a broker that breaks a thousand times, a wall clock that jumps. */

import { expect } from "chai";

import { CERTIFICATE, KEY } from "../../unit/sim/emulator/certificate.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { bundle } from "../../support/bundle.js";
import { patience, rounds } from "../../support/endurance.js";
import { Proxy } from "../../support/proxy.js";
import { World } from "./world.js";

const RECONNECTS = rounds(100, 1000);

/**
 * The device without the pauses between its attempts. They are short as long as each connection counts as a success, which
 * it does here after some milliseconds, not after a minute: `settledYet` counts them. One that is cut before is a failure,
 * and a few of these in a row are a long pause. Two shorter times are the patience with a publish and with a ping.
 */
const HURRIED = `
import { createBinding } from "./src/binding/index.js";
import { espruino } from "./src/hal/espruino/index.js";
const after = espruino.after;
let lasting = 0;
espruino.after = (ms, callback) =>
  ms == 60000
    ? after(5, () => { lasting++; callback(); })
    : after(ms < 15000 && ms != 2000 && ms != 10000 ? Math.min(ms, 5) : ms, callback);
global.settledYet = () => lasting;
const binding = createBinding(espruino);
global.W = binding;
binding.start(require("Storage").readJSON("binding.json", true));
`;

/** The wall clock two minutes on: the Linux build of the interpreter takes no `setTime`. */
const FORWARD = "(function(t){global.getTime=function(){return t()+120}})(getTime)";

for (const name of ENGINES) {
  describe(`the connection in the engine ${name}`, function () {
    this.timeout(patience(RECONNECTS, 300));
    let world: World;
    let proxy: Proxy | undefined;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world?.stop();
      await proxy?.stop();
      proxy = undefined;
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    it("binds over TLS", async () => {
      world = await World.start(name, {
        server: async (mqtt) => {
          proxy = await Proxy.start(mqtt, { key: KEY, cert: CERTIFICATE });
          return `mqtts://127.0.0.1:${proxy.port}`;
        },
      });
      await world.own();
      expect(proxy!.passages.length).to.equal(1);
    });

    it(`endurance: reports its code after each of ${RECONNECTS} broken connections, and its memory is what it was`, async () => {
      world = await World.start(name, {
        program: await bundle(HURRIED),
        stack: 16,
        // Its pings are not to be taken for that minute.
        options: { keepalive: 200 },
        server: async (mqtt) => (proxy = await Proxy.start(mqtt)).url,
      });
      await world.own();
      const windows = (): number => world.seen().filter((event) => event === "window").length;
      const usage = async (): Promise<number> => {
        const wanted = windows();
        await pause(300);
        expect(windows(), "it is quiet").to.equal(wanted);
        return (await world.device.eval("process.memory().usage")) as number;
      };
      // The access point of the provisioning is closed by then, and no timer of it is left.
      await world.reboot();
      await world.reaches("bound");
      await world.device.eval("W.openWindow(3600)");
      const before = windows();
      const passages = proxy!.passages.length;
      let memory = 0;
      for (let n = 0; n <= RECONNECTS; n++) {
        await eventually(() => windows() > before + n);
        await eventually(async () => Number(await world.device.eval("settledYet()")) > n);
        if (n === 10) memory = await usage();
        if (n < RECONNECTS) proxy!.passages.at(-1)!.cut();
      }
      expect(await usage()).to.equal(memory);
      expect(windows() - before).to.equal(RECONNECTS + 1);
      expect(proxy!.passages.length - passages).to.equal(RECONNECTS);
    });

    it("ends a window and its code together when the wall clock goes on by as much as a slow connection takes", async () => {
      world = await World.start(name, { program: "library" });
      await world.own();
      await world.device.eval('W.on("reported", function (e) { global.told = e.seconds; })||W.openWindow(100)');
      const { code } = (await world.device.eval("W.window()")) as { code: string };
      await eventually(async () => Number(await world.device.eval("global.told")) > 90);
      await world.until("reported", () => world.device.eval(`(${FORWARD}, W.window() || 0)`));
      expect(await world.device.eval("W.window() || 0")).to.equal(0);
      expect(await world.verdict(code)).to.not.equal(200);
    });

    it("keeps the end of a window when the wall clock is set, forward and back", async () => {
      world = await World.start(name, { program: "library" });
      await world.own();
      await world.device.eval("W.openWindow(100)");
      const seconds = (): Promise<unknown> => world.device.eval("W.window() && W.window().seconds");
      for (const jump of ["1.7e9", "getTime() + 300", "getTime() + 3600", "getTime() - 7200", "5"]) {
        await world.device.eval(`(setTime(${jump}), 0)`);
        await pause(100);
        expect(await seconds()).to.be.within(95, 100);
      }
      await world.device.eval("W.openWindow(2)");
      await world.device.eval("(setTime(getTime() - 3600), 0)");
      await eventually(async () => (await seconds()) === undefined || (await seconds()) === null, 4000);
    });
  });
}
