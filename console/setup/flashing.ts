/** A board on a cable becomes a device: its identity, the firmware, and its first boot, each step told. */
import { makeDevice } from "../../tools/factory/make-device.js";
import type { Label } from "../../tools/factory/label.js";
import { inspectBoard, type Board } from "../../tools/flash/board.js";
import type { Console } from "../../tools/flash/console.js";
import { checkConsent, flashable, install, planInstall, reboot, type Package } from "../../tools/flash/install.js";
import { chooseOptions } from "../../tools/flash/options-file.js";
import { watchTrial } from "../../tools/flash/watch.js";
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
}

const PREFIX = "WB";
/** Milliseconds for a new application to say that it is good, its trials included. */
const TRIAL_MS = 150_000;

type Tell = (detail: string) => void;

/** A file for the device, of the build that this cloud comes from. */
async function built(name: string): Promise<string> {
  const response = await fetch(`/console/device/${name}.min.js`);
  if (!response.headers.get("content-type")?.startsWith("text/javascript")) {
    throw new Error(`this cloud has no ${name}: run \`npm run build\``);
  }
  return flashable(Buffer.from(await response.arrayBuffer()).toString("latin1"));
}

async function packageFor({ crypto, ble }: Board): Promise<Package> {
  const names = ["WifiBindingProof", ...(crypto ? [] : ["WifiBindingCrypto"]), ...(ble ? ["WifiBindingBle"] : [])];
  const modules: Record<string, string> = {};
  for (const name of names) modules[name] = await built(name);
  return { app: await built("firmware"), modules, boot: await built("boot") };
}

async function secretOf(pk: string): Promise<string> {
  const { code, msg, extMsg, data } = await productSecret(pk);
  if (code !== 200) throw new Error(`${code} ${msg}: ${extMsg}`);
  return (data as { ps: string }).ps;
}

/** Writes what the board lacks. @returns how it is started */
async function write(device: Console, board: Board, cable: Cable, tell: Tell) {
  const what = await packageFor(board);
  const { server, debug } = cable;
  const { text } = await chooseOptions(device, board, { given: debug ? { server, debug } : undefined, server });
  what.options = text;
  const plan = await planInstall(device, board, what);
  checkConsent(plan, { force: cable.replace, compact: cable.replace });
  await install(device, plan, what, {
    onBytes: (file, done, total) => tell(`${file}: ${Math.round((100 * done) / total)} %`),
    onStep: (step, file = "") => tell(`${step} ${file}`),
  });
  tell("written and verified");
  return plan;
}

/** One board, from the choice of its port to its first boot. */
class Course {
  private thrown: string | undefined;

  constructor(
    private readonly port: Port,
    private readonly cable: Cable,
    private readonly steps: Steps,
  ) {}

  private open = (): Promise<Console> =>
    this.port.console({
      onLine: (line) => {
        if (/^Uncaught /.test(line)) this.thrown ??= line;
      },
    });

  async run(): Promise<Label | undefined> {
    const device = await this.steps.run("Find Espruino on it", this.open);
    if (!device) return undefined;
    try {
      return await this.make(device);
    } finally {
      device.close();
    }
  }

  private async make(device: Console): Promise<Label | undefined> {
    const { steps, cable } = this;
    const board = await steps.run("Look at the board", async (tell) => {
      const found = await inspectBoard(device);
      tell(`${found.board} with Espruino ${found.version}`);
      return found;
    });
    if (!board) return undefined;
    const { pk, dk, proof, replace } = cable;
    const made = await steps.run("Write its identity", async (tell) => {
      const wanted = { pk, ps: await secretOf(pk), dk: dk || undefined, pop: proof, prefix: PREFIX, force: replace };
      const { label, written } = await makeDevice(device, board, wanted);
      tell(`DeviceKey ${label.dk}${written ? "" : ", as it had already"}`);
      return label;
    });
    if (!made) return undefined;
    const plan = await steps.run("Write the firmware", (tell) => write(device, board, cable, tell));
    if (!plan) return undefined;
    const started = await steps.run("Start it", async (tell) => {
      tell("a new application says that it is good after 10 s");
      await this.start(device, board, plan);
      tell("the application runs and stays");
      return true;
    });
    return started ? made : undefined;
  }

  private async start(device: Console, board: Board, plan: Awaited<ReturnType<typeof write>>): Promise<void> {
    this.thrown = undefined;
    await reboot(device, board);
    await watchTrial(device, {
      letter: plan.letter,
      previous: plan.slots.kept,
      timeout: TRIAL_MS,
      open: this.open,
      thrown: () => this.thrown,
      reboot: (console) => reboot(console, board),
    });
  }
}

/** @returns the label of the device, or undefined when a step has failed: the steps say why */
export async function flash(cable: Cable, steps: Steps): Promise<Label | undefined> {
  const port = await steps.run("Choose the port", () => Port.choose());
  return port && new Course(port, cable, steps).run();
}
