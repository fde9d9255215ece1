/** Apps that interrupt, repeat, tamper and come at once, at the flashed bundle in every engine. */

import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv, find, findBytes, type Node } from "../../../src/codec/ttlv.js";
import { Link } from "../../../sim/app/frame-link.js";
import { LanChannel } from "../../../sim/app/lan-channel.js";
import { newPop } from "../../../tools/factory/identity-image.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { DK, NETWORK, World, type Setup } from "./world.js";

const PATIENCE = 5000;
const { CMD_PROVISION, CMD_PROVISION_ANSWER, CMD_SCAN, CMD_SCAN_ANSWER } = protocol;
const network = (ssid = NETWORK.ssid, password = NETWORK.password): Node[] => [[1, ssid], [2, password]]; // prettier-ignore
const codeOf = (answer: Node[] | undefined): string => findBytes(answer!, protocol.PROVISION_CODE) ?? "";

/** Takes `tls` out of a build, before the library looks for it. */
const WITHOUT_TLS =
  "(function(p){var m=p.env.MODULES.split(',').filter(function(n){return n!='tls'}).join(','),b=p.env.BOARD;" +
  "global.process={env:{MODULES:m,BOARD:b,VERSION:p.version},memory:p.memory}})(process);";

for (const name of ENGINES) {
  describe(`apps on the LAN of a device in the engine ${name}`, function () {
    this.timeout(60_000);
    let world: World;
    const links: Link[] = [];

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    const begin = async (setup: Setup = {}): Promise<void> => {
      world = await World.start(name, { program: "library", ...setup });
      await eventually(() => world.device.radio.softAp());
    };

    afterEach(async () => {
      for (const link of links.splice(0)) link.close();
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    const connect = async (): Promise<Link> => {
      const link = await Link.open(world.device.host, PATIENCE);
      links.push(link);
      return link;
    };
    const provision = (link: Link, nodes = network()): Promise<Node[] | undefined> =>
      link.request(CMD_PROVISION, CMD_PROVISION_ANSWER, PATIENCE, undefined, nodes);
    const scan = (link: Link): Promise<Node[] | undefined> => link.request(CMD_SCAN, CMD_SCAN_ANSWER, PATIENCE);
    const isInCloud = ({ cmd }: { cmd: number }): boolean => cmd === protocol.CMD_IN_CLOUD;
    const state = (): Promise<unknown> => world.device.eval("W.state()");
    const windowCode = (): Promise<unknown> => world.device.eval("(W.window()||{}).code");

    const call = async (path: string, init: RequestInit): Promise<{ code: number; data: { authKey: string } }> => {
      const headers = { Authorization: world.products.users[0].token, ...init.headers };
      const answer = await fetch(`${world.cloud.http}/v2/binding/enduserapi/${path}`, {
        method: "POST",
        ...init,
        headers,
      });
      return (await answer.json()) as { code: number; data: { authKey: string } };
    };
    /** Binds with this code. @returns the authKey, once the device has it */
    const bind = async (bindingCode: string): Promise<Buffer> => {
      const [{ pk }] = world.products.products;
      const body = JSON.stringify({ productKey: pk, deviceKey: DK, bindingCode, deviceName: "demo" });
      const { code, data } = await call("v2/deviceBindingByWifi", {
        body,
        headers: { "content-type": "application/json" },
      });
      expect(code).to.equal(200);
      await eventually(async () => (await state()) === "bound");
      return Buffer.from(data.authKey, "base64");
    };
    /** @returns the result of 7035 */
    const login = async (link: Link, key: Buffer): Promise<unknown> => {
      const hello = await link.request(protocol.CMD_RANDOM, protocol.CMD_RANDOM_ANSWER, PATIENCE);
      const random = findBytes(hello!, protocol.LOGIN_RANDOM)!;
      const hash = createHash("sha256")
        .update(`${key.toString("hex")};${random}`)
        .digest("hex");
      const { CMD_LOGIN, CMD_LOGIN_ANSWER } = protocol;
      const answer = await link.request(CMD_LOGIN, CMD_LOGIN_ANSWER, PATIENCE, undefined, [[2, hash]]);
      const result = find(answer!, protocol.LOGIN_RESULT);
      if (result === 0) link.seal(new LanChannel(key, random));
      return result;
    };
    /** A device that an app has provisioned. @returns its code */
    const provisioned = async (): Promise<string> => {
      const link = await connect();
      const code = codeOf(await provision(link));
      expect(await link.await(isInCloud, 15_000)).to.include({ id: 0 });
      return code;
    };

    it("answer one app while another provisions: the same network with the same code, all else with nothing", async () => {
      await begin();
      const [first, second] = [await connect(), await connect()];
      const answer = await provision(first);
      expect(answer).to.deep.include.members([[4, true], [5, 120], [8, DK]]); // prettier-ignore
      expect(await provision(second, network("other"))).to.deep.equal([]);
      expect(await scan(second)).to.deep.equal([]);
      // The first dies under way; who repeats its request has its place.
      first.close();
      expect(codeOf(await provision(second))).to.equal(codeOf(answer));
      expect(await second.await(isInCloud, 15_000)).to.include({ id: 0 });
      expect(codeOf(await provision(second))).to.equal(codeOf(answer));
      expect(await provision(second, network(NETWORK.ssid, "wrong-password"))).to.deep.equal([]);
    });

    it("bring a bad network, after which the device takes a good one with another code", async () => {
      await begin();
      const link = await connect();
      for (const bad of [[], network("", "right-password"), network("home", "short"), [[1, 5]] as Node[]]) {
        expect(await provision(link, bad)).to.deep.equal([[4, false]]);
      }
      const dead = codeOf(await provision(link, network(NETWORK.ssid, "wrong-password")));
      await eventually(async () => (await state()) === "joining");
      await eventually(async () => (await state()) === "provisioning", 20_000);
      expect(await windowCode()).to.equal(undefined);
      const code = codeOf(await provision(link));
      expect(code)
        .to.match(/^[0-9A-F]{16}$/)
        .and.not.equal(dead);
      expect(await link.await(isInCloud, 15_000)).to.include({ id: 0 });
      await bind(code);
    });

    it("scan all at once", async () => {
      await begin();
      const apps = [await connect(), await connect(), await connect(), await connect()];
      for (const answer of await Promise.all(apps.map(scan))) expect(answer).to.deep.equal([[51, [[0, "home"]]]]);
    });

    it("are given the code of a window that the owner opens, if they know the network", async () => {
      await begin();
      await bind(await provisioned());
      const link = await connect();
      expect(await provision(link)).to.deep.equal([]);
      await world.device.eval("W.openWindow(60)");
      const answer = await provision(link);
      expect(codeOf(answer)).to.equal(await windowCode());
      expect(await provision(link, network(NETWORK.ssid, "guessed-password"))).to.deep.equal([]);
      await world.device.eval("W.closeWindow()");
      expect(await provision(link)).to.deep.equal([]);
    });

    it("name an mqtts server to a build without TLS: refused, with an error for the owner", async () => {
      await begin({ files: { ".boot0": WITHOUT_TLS } });
      await world.device.eval('W.on("error",function(e){global.E0=e.code})');
      const link = await connect();
      expect(await provision(link, [...network(), [13, "mqtts://127.0.0.1:8886"]])).to.deep.equal([[4, false]]);
      expect([await world.device.eval("E0"), await state(), await windowCode()]).to.deep.equal([
        ...["tls", "provisioning", undefined],
      ]);
      expect(codeOf(await provision(link))).not.to.equal("");
    });

    it("tamper with a session: nothing is answered, and it goes on", async () => {
      await begin();
      const key = await bind(await provisioned());
      const link = await connect();
      expect(await login(link, key)).to.equal(0);
      const noise = [...Array(20)].map((_, n) => randomBytes(n % 2 ? 16 : 15).toString("latin1"));
      const socket = (link as unknown as { socket: NodeJS.WritableStream }).socket;
      for (const data of [...noise, encodeTtlv([[43, true]]), ""]) {
        socket.write(Buffer.from(encodeFrame(7, data ? protocol.CMD_WRITE : 0x7099, data), "latin1"));
      }
      const { CMD_WRITE, CMD_WRITE_ANSWER } = protocol;
      const heard: number[] = [];
      void link.await(({ cmd }) => (heard.push(cmd), false), 300);
      await pause(350);
      expect(heard).to.deep.equal([]);
      expect(await link.request(CMD_WRITE, CMD_WRITE_ANSWER, PATIENCE, undefined, [[43, true]])).to.deep.equal([
        [1, 1],
      ]);
    });

    it("log in wrongly five times, which ends the connection and no other", async () => {
      await begin();
      const key = await bind(await provisioned());
      const [good, bad] = [await connect(), await connect()];
      expect(await login(good, key)).to.equal(0);
      for (let n = 0; n < 5; n++) expect(await login(bad, randomBytes(16))).to.equal(1);
      expect(await bad.receive(PATIENCE).catch((error: Error) => error.message)).to.match(/closed the link/);
      expect(await good.request(protocol.CMD_PING, protocol.CMD_PONG, PATIENCE)).to.deep.equal([]);
    });

    it("are closed when the authKey that they have logged in with is replaced", async () => {
      await begin();
      const key = await bind(await provisioned());
      const link = await connect();
      await login(link, key);
      const body = new URLSearchParams({ pk: world.products.products[0].pk, dk: DK }).toString();
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      expect((await call("regenerateAuthKey", { body, headers })).code).to.equal(200);
      expect(await link.receive(PATIENCE).catch((error: Error) => error.message)).to.match(/closed the link/);
      expect(await login(await connect(), key)).to.equal(1);
    });

    describe("that is to demand a proof", () => {
      const pop = newPop();
      const open = async (): Promise<(Node[] | undefined)[]> => {
        const link = await connect();
        return [await provision(link), await scan(link)];
      };

      it("and lacks the module: it serves no network to anybody, and tells its owner", async () => {
        const told = 'var E0;W.on("error",function(e){E0=e.code});';
        const start = 'W.start(require("Storage").readJSON("binding.json",true));';
        await begin({ pop, library: true, program: `var W=require("WifiBinding");${told}${start}` });
        await eventually(async () => (await world.device.eval("E0")) === "proof");
        expect(await open()).to.deep.equal([[[4, false]], []]);
      });

      it("and has it: it serves none in clear, and binds an app that proves", async () => {
        const WifiBindingProof = readFileSync("build/WifiBindingProof.min.js", "latin1");
        await begin({ pop, program: "firmware", files: { WifiBindingProof } });
        expect(await open()).to.deep.equal([[[4, false]], []]);
        const { envelope } = await world.bind({ pop });
        expect(envelope.code).to.equal(200);
      });
    });
  });
}
