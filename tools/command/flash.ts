/** `wifi-binding flash`: the firmware into a device, beside the one that it has. */
import type { Command } from "commander";
import { readTextFile } from "../../sim/text-file.js";
import { inspectBoard, type Board } from "../flash/board.js";
import type { Console } from "../flash/console.js";
import { addModules, Course, modulesFor } from "../flash/course.js";
import { passGate } from "../flash/gate.js";
import { readDeviceIdentity } from "../flash/identity-blocks.js";
import { planUpdateKey } from "../factory/update-key.js";
import { checkConsent, install, planInstall, type Package, type Plan } from "../flash/install.js";
import { parseOptions } from "../flash/options-file.js";
import { appFile } from "../flash/slots.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { packageFile, readProgram } from "./package.js";
import { addPort, openConsole, type PortOptions } from "./port.js";
import { Progress } from "./progress.js";
import { mqttUrl, updateKey } from "./values.js";

interface Options extends PortOptions {
  board?: string;
  app?: string;
  library?: boolean;
  mdns?: boolean;
  ble: boolean;
  proof: boolean;
  data: boolean;
  ota?: string;
  options?: string;
  server?: string;
  dryRun?: boolean;
  force?: boolean;
  compact?: boolean;
  watch: boolean;
  gate: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding flash --port /dev/ttyUSB0 --server mqtt://iot.example:1883
  wifi-binding flash --port /dev/ttyUSB0 --dry-run
  wifi-binding flash --port tcp://127.0.0.1:2323 --options binding.json --json
  wifi-binding flash --port /dev/ttyUSB0 --app my-application.min.js
  wifi-binding flash --port /dev/ttyUSB0 --ota update.pub

An application of your own passes the gate before anything is written. It is on trial: when it throws, or does not say
that it is good, the device goes back to the one before, and the exit status is 1. A power cut at any moment leaves a
whole application; run the same command again. docs/update.md tells the details.
With --ota the next application can come over the cloud: \`wifi-binding update push\`.
A console that is locked takes its password from WIFI_BINDING_CONSOLE.`;

/** Modules in files of their own, and the options that ask for them. */
const MODULES = [
  ["WifiBinding", "library"],
  ["WifiBindingMdns", "mdns"],
] as const;

const built = (name: string): string => readProgram(packageFile("build", `${name}.min.js`));

function packageOf(options: Options): Package {
  const names: string[] = MODULES.filter(([, option]) => options[option]).map(([name]) => name);
  if (options.proof) names.push("WifiBindingProof");
  if (options.app && options.data) names.push("WifiBindingData");
  if (options.ota) names.push("WifiBindingOta", "WifiBindingSlh");
  const modules = Object.fromEntries(names.map((name) => [name, built(name)]));
  const boot = built("boot");
  if (options.library && !options.app) return { modules, boot };
  return { app: options.app ? readProgram(options.app) : built("firmware"), modules, boot };
}

function describe({ writes, letter, back }: Plan): string {
  const files = writes.map(({ file, bytes }) => `${file} (${bytes} bytes)`).join(", ") || "nothing";
  const written = letter && writes.some(({ file }) => file === appFile(letter));
  if (letter && !written) return `${files}; ${appFile(letter)} holds the application already and is tried again`;
  return back ? `${files}; ${appFile(back)}, which runs, is named again` : files;
}

/** One run of the command. */
class Flashing {
  private readonly output: Output;
  private readonly progress: Progress;
  private readonly course: Course;

  constructor(
    private readonly options: Options,
    private readonly io: Io,
  ) {
    this.output = new Output(io, Boolean(options.json));
    this.progress = new Progress(io, this.output);
    const dial = (more: object): Promise<Console> => openConsole(options, io.stop, more);
    this.course = new Course(dial, undefined, (line) => this.heard(line));
  }

  async run(): Promise<void> {
    const what = packageOf(this.options);
    const device = await this.course.open();
    const stop = (): void => device.close();
    this.io.stop.addEventListener("abort", stop, { once: true });
    try {
      await this.flash(device, what);
    } finally {
      this.io.stop.removeEventListener("abort", stop);
      device.close();
    }
  }

  /** What the firmware says after its start, and why it did not. */
  private heard(line: string): void {
    if (!/^(WB |Uncaught )/.test(line)) return;
    this.output.tell({ event: "console", line }, this.output.paint.dim(`  ${line}`));
  }

  private async flash(device: Console, what: Package): Promise<void> {
    const { options, output } = this;
    const board = await inspectBoard(device, options.board);
    const { board: name, version, free } = board;
    output.tell(
      { event: "connected", board: name, version, free },
      `${name} with Espruino ${version} on ${options.port}`,
    );
    await addModules(what, modulesFor(board, options.ble), built);
    if (!board.crypto) {
      output.hint("This build has no crypto: the module WifiBindingCrypto takes its place, and is slow.");
    }
    if (options.app && options.gate) {
      const also = Object.keys(what.modules ?? {});
      await passGate(device, options.app, what.app!, also, (event, line) => output.tell(event, line));
    }
    let door = true;
    let area = board;
    if (what.app) {
      area = await this.course.choose(device, board, what, {
        given: options.options ? parseOptions(readTextFile(options.options), options.options) : undefined,
        change: options.server ? { server: options.server } : undefined,
      });
      // The firmware closes telnet, unless it is told otherwise.
      door = !options.port.startsWith("tcp:") || Boolean(this.course.options.debug);
    }
    const plan = await planInstall(device, board, what);
    const { writes, compact, letter, back, boots } = plan;
    const giveKey = options.ota && (await this.planKey(device, area));
    if (!writes.length && !letter && !back && !boots && !giveKey) {
      return output.tell({ event: "unchanged" }, "the device has all of this already");
    }
    output.tell(
      { event: "plan", writes, compact, name: letter ?? back },
      `to write: ${describe(plan)}${giveKey ? "; the public key of updates" : ""}`,
    );
    if (options.dryRun) return;
    checkConsent(plan, options);
    if (giveKey) {
      await giveKey();
      output.tell({ event: "keyed" }, `${output.paint.green("✔")} the identity has the public key of updates`);
    }
    await install(device, plan, what, {
      onBytes: (file, done, total) => this.progress.at(file, done, total),
      onStep: (step, file) => output.tell({ event: step, file }, `${output.paint.green("✔")} ${step} ${file ?? ""}`),
    });
    if (!what.app) return output.hint("An application reads the library when it starts: reboot the device.");
    if (!boots) return output.tell({ event: "kept" }, "the application that was asked for runs, and stays");
    await this.boot(device, board, plan, door);
    await this.hintAtIdentity(area);
  }

  /** The public key of updates belongs to the identity: a device that has none is given both at once, later. */
  private async planKey(device: Console, board: Board) {
    const { ota, force } = this.options;
    const give = await planUpdateKey(device, board, { updateKey: ota!, flashKey: this.course.options.flashKey, force });
    if (give !== "none") return give;
    this.output.hint("It has no identity, which holds the public key: wifi-binding identity write --update-key");
    return undefined;
  }

  private async boot(device: Console, board: Board, plan: Plan, door: boolean): Promise<void> {
    const { options, output } = this;
    await this.course.reboot(device, board);
    output.tell({ event: "rebooting" }, "rebooting; a new application says that it is good after 10 s");
    if (!options.watch || !door) {
      if (!door) output.hint("It closes this console (option debug), so its trial goes on unseen.");
      return;
    }
    await this.course.watch(device, board, plan, this.io.stop);
    output.tell({ event: "good" }, `${output.paint.green("✔")} the application runs and stays`);
  }

  private async hintAtIdentity(board: Board): Promise<void> {
    if (this.output.json || !this.options.watch) return;
    const device = await this.course.open().catch(() => undefined);
    if (!device) return;
    const identity = await readDeviceIdentity(device, board).catch(() => null);
    device.close();
    // Null: the application has closed this console meanwhile.
    if (identity === undefined) this.output.hint("It has no identity yet: wifi-binding identity write --help");
  }
}

export function addFlash(program: Command, io: Io): void {
  addPort(program.command("flash"))
    .description("write the firmware into a device and see it start; the one before stays, to go back to")
    .option("--board <name>", "refuse any other board, for example ESP32")
    .option("--app <file>", "application of your own; default: build/firmware.min.js of this package")
    .option("--library", "write the module WifiBinding: alone, or beside --app")
    .option("--mdns", "write the module WifiBindingMdns too")
    .option("--no-ble", "leave out the module WifiBindingBle, which a build with Bluetooth is given")
    .option("--no-proof", "leave out the module WifiBindingProof, for devices whose label holds no proof of possession")
    .option("--no-data", "leave out the module WifiBindingData, which an application is given")
    .option("--ota <key>", "write what updates over the cloud need: two modules, and this public key", updateKey)
    .option("--options <file>", "options of the device, JSON; default: those that it has")
    .option("--server <url>", "MQTT URL of the cloud, in place of that in the options", mqttUrl)
    .option("--dry-run", "say what would be written, and write nothing")
    .option("--force", "replace another program's boot file, or another public key of updates")
    .option("--compact", "compact Storage where it is full; a power cut meanwhile would erase all files")
    .option("--no-gate", "do not check --app for what Espruino misreads")
    .option("--no-watch", "end when the device reboots, without waiting for its new application")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => new Flashing(options, io).run());
}
