/** A board on a cable becomes a device: its identity, the firmware, and its first boot, each step told. */
import { makeDevice } from "../../tools/factory/make-device.js";
import type { Label } from "../../tools/factory/label.js";
import { inspectBoard, type Board } from "../../tools/flash/board.js";
import type { Console } from "../../tools/flash/console.js";
import { addModules, Course, modulesFor } from "../../tools/flash/course.js";
import { checkConsent, flashable, install, planInstall, type Package } from "../../tools/flash/install.js";
import { productSecret } from "../state/calls.js";
import { Port } from "./serial.js";
import type { Steps } from "./steps.js";

export interface Cable {
  pk: string;
  /** DeviceKey; "" takes the chip's own number. */
  dk: string;
  /** Whether it demands a proof of possession. */
  proof: boolean;
  /** MQTT URL of its cloud. */
  server: string;
  /** Whether its consoles stay open. */
  debug: boolean;
  /** Whether an identity and a boot file that it has may be replaced, and its Storage compacted. */
  replace: boolean;
  /** Password of a console that is locked, or "". */
  password: string;
  /** Option flashKey, which seals identity and journal; "" keeps the one that the board's options have. */
  flashKey: string;
}

const PREFIX = "WB";

type Tell = (detail: string) => void;

/** A file for the device, of the build that this cloud comes from. */
async function built(name: string): Promise<string> {
  const response = await fetch(`/console/device/${name}.min.js`);
  if (!response.headers.get("content-type")?.startsWith("text/javascript")) {
    throw new Error(`this cloud has no ${name}: run \`npm run build\``);
  }
  return flashable(Buffer.from(await response.arrayBuffer()).toString("latin1"));
}

async function secretOf(pk: string): Promise<string> {
  const { code, msg, extMsg, data } = await productSecret(pk);
  if (code !== 200) throw new Error(`${code} ${msg}: ${extMsg}`);
  return (data as { ps: string }).ps;
}

/** One board, from the choice of its port to its first boot. */
class Flashing {
  private readonly course: Course;
  private readonly what: Package = { boot: "" };

  constructor(
    port: Port,
    private readonly cable: Cable,
    private readonly steps: Steps,
  ) {
    this.course = new Course((options) => port.console(options), cable.password || undefined);
  }

  async run(): Promise<Label | undefined> {
    const device = await this.steps.run("Find Espruino on it", this.course.open);
    if (!device) return undefined;
    try {
      return await this.make(device);
    } finally {
      device.close();
    }
  }

  private async make(device: Console): Promise<Label | undefined> {
    const { steps } = this;
    const board = await steps.run("Look at the board", (tell) => this.look(device, tell));
    const made = board && (await steps.run("Write its identity", (tell) => this.identify(device, board, tell)));
    const plan = made && (await steps.run("Write the firmware", (tell) => this.write(device, board, tell)));
    if (!plan) return undefined;
    const started = await steps.run("Start it", async (tell) => {
      tell("a new application says that it is good after 10 s");
      await this.course.reboot(device, board);
      await this.course.watch(device, board, plan);
      tell("the application runs and stays");
      return true;
    });
    return started ? made : undefined;
  }

  /** @returns the board, with the area of flash that its options name */
  private async look(device: Console, tell: Tell): Promise<Board> {
    const { server, debug, flashKey } = this.cable;
    const board = await inspectBoard(device);
    tell(`${board.board} with Espruino ${board.version}`);
    const change = { server, ...(debug && { debug }), ...(flashKey && { flashKey }) };
    return this.course.choose(device, board, this.what, { change });
  }

  private async identify(device: Console, board: Board, tell: Tell): Promise<Label> {
    const { pk, dk, proof: pop, replace: force } = this.cable;
    const { prefix = PREFIX, flashKey } = this.course.options;
    const wanted = { pk, ps: await secretOf(pk), dk: dk || undefined, pop, prefix, flashKey, force };
    const { label, written } = await makeDevice(device, board, wanted);
    tell(`DeviceKey ${label.dk}${written ? "" : ", as it had already"}`);
    return label;
  }

  /** Writes what the board lacks. @returns how it is started */
  private async write(device: Console, board: Board, tell: Tell) {
    const { what, cable } = this;
    await addModules(what, ["WifiBindingProof", ...modulesFor(board)], built);
    what.app = await built("firmware");
    what.boot = await built("boot");
    const plan = await planInstall(device, board, what);
    checkConsent(plan, { force: cable.replace, compact: cable.replace });
    await install(device, plan, what, {
      onBytes: (file, done, total) => tell(`${file}: ${Math.round((100 * done) / total)} %`),
      onStep: (step, file = "") => tell(`${step} ${file}`),
    });
    tell("written and verified");
    return plan;
  }
}

/** @returns the label of the device, or undefined when a step has failed: the steps say why */
export async function flash(cable: Cable, steps: Steps): Promise<Label | undefined> {
  const port = await steps.run("Choose the port", () => Port.choose());
  return port && new Flashing(port, cable, steps).run();
}
