/** `wifi-binding demo`: cloud, device, radio and app in one process, from a new device to a bound one. */
import type { Command } from "commander";
import { randomBytes, randomInt } from "node:crypto";
import { API_SUCCESS } from "../../sim/app/api.js";
import { bindDevice, LanSession } from "../../sim/app/index.js";
import { demoProducts, startCloud, type Cloud, type CloudEvent } from "../../sim/cloud/index.js";
import type { EngineName } from "../../sim/emulator/index.js";
import { FailedError } from "../../sim/errors.js";
import { Bar } from "./bar.js";
import { newDeviceKey } from "../factory/identity-file.js";
import { engineOption } from "./device.js";
import { showData } from "./demo-data.js";
import { Buttons, startWaiting } from "./demo-open.js";
import { stopped, type Io } from "./io.js";
import { duration, Output, type Happening } from "./output.js";
import { packageFile } from "./package.js";
import { consoleOf } from "./page.js";
import { startDevice } from "./start-device.js";
import { refusal, tellStep, tick } from "./steps.js";
import { seconds } from "./values.js";

interface Options {
  engine: EngineName;
  timeout: number;
  data?: boolean;
  open?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding demo
  wifi-binding demo --engine espruino
  wifi-binding demo --json
  wifi-binding demo --data
  wifi-binding demo --open

--data runs examples/lamp.js on the device: it is read, written and heard over the cloud and on the LAN.
--open keeps the cloud running, with a second device that waits in its console to be bound.

Everything stays on this machine. The last line of --json is {"event":"bound","code":200,"engine":…,"ms":…}.`;

/** How long the device may take to confirm the authKey. */
const SETTLE_MS = 5000;

/** The real interpreter listens on every address; emulated devices have one each, so that demos can run side by side. */
function hostFor(engine: EngineName): string {
  return engine === "espruino" ? "127.0.0.1" : `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
}

/** One run. What it starts is stopped in the reverse order, however it ends. */
class Demo {
  private readonly output: Output;
  private readonly begin = performance.now();
  private readonly running: { stop(): Promise<void> }[] = [];
  private readonly network = { ssid: "demo-network", password: randomBytes(12).toString("base64url") };
  private readonly world = demoProducts();
  private readonly buttons = new Buttons();
  private readonly dk = newDeviceKey();
  private readonly host: string;
  /** Resolves when the device has sent the authKey back. */
  private readonly keyConfirmed: Promise<void>;
  private confirm = (): void => {};

  constructor(
    private readonly options: Options,
    private readonly io: Io,
  ) {
    this.output = new Output(io, Boolean(options.json));
    this.host = hostFor(options.engine);
    this.keyConfirmed = new Promise((resolve) => (this.confirm = resolve));
  }

  async run(): Promise<void> {
    try {
      const cloud = await this.startCloud();
      await this.startDevice(cloud.mqtt);
      const authKey = await this.bind(cloud.http, cloud.mqtt);
      await this.settle();
      await this.login(authKey, cloud.http);
      const ms = this.since();
      const { engine } = this.options;
      const text = `${this.output.paint.bold(this.output.paint.green("bound"))}, all in ${duration(ms)}`;
      this.output.tell({ event: "bound", code: API_SUCCESS, engine, ms }, text);
      if (this.options.open) await this.keepOpen(cloud);
    } finally {
      for (const part of this.running.reverse()) await part.stop();
    }
  }

  private async startCloud() {
    const onEvent = ({ event }: CloudEvent): void => void (event === "keyConfirmed" && this.confirm());
    const { products, users, operator } = this.world;
    // The demo ends with this process: its console asks for no token.
    const world = { products, users, operator: this.options.open ? undefined : operator };
    const cloud = await startCloud({ ...world, onEvent, console: consoleOf(this.buttons.find) });
    this.running.push(cloud);
    this.tell({ event: "cloud", http: cloud.http, mqtt: cloud.mqtt }, "cloud is up", `${cloud.http}  ${cloud.mqtt}`);
    return cloud;
  }

  private async startDevice(server: string): Promise<void> {
    const { engine } = this.options;
    const { host, dk, network } = this;
    const { pk, ps } = this.world.products[0];
    const app = this.options.data ? packageFile("examples", "lamp.js") : undefined;
    const device = await startDevice({ engine, host, pk, ps, dk, server, networks: [network], app });
    this.running.push(device);
    this.buttons.add(dk, device);
    this.tell({ event: "device", engine, address: host, pk, dk }, "device has booted", `${engine} at ${host}`);
  }

  private async bind(cloud: string, server: string): Promise<string> {
    const offset = this.since();
    const bar = new Bar(this.output);
    const { envelope } = await bindDevice({
      ...{ address: this.host, ...this.network, server, cloud, token: this.world.users[0].token },
      pollTimeout: this.options.timeout * 1000,
      onStep: (step) => {
        bar.show(step);
        tellStep(this.output, step, offset);
      },
      signal: this.io.stop,
    }).finally(() => bar.end());
    if (envelope.code !== API_SUCCESS || !envelope.data) throw new FailedError(refusal(envelope));
    return envelope.data.authKey;
  }

  /** Waits until the device has the key that the cloud has given to the app. */
  private async settle(): Promise<void> {
    const late = AbortSignal.any([this.io.stop, AbortSignal.timeout(SETTLE_MS)]);
    const given = new Promise<never>((_, reject) => late.addEventListener("abort", () => reject(late.reason)));
    await Promise.race([this.keyConfirmed, given]).catch(() => {
      this.io.stop.throwIfAborted();
      throw new FailedError("the cloud bound the device, but the device did not send the authKey back");
    });
    this.tell({ event: "settled" }, "device has the authKey", "its code is spent");
  }

  /** The app meets the device on the LAN. */
  private async login(authKey: string, cloud: string): Promise<void> {
    const { stop: signal } = this.io;
    const session = await LanSession.open(this.host, authKey, { signal });
    try {
      if (!(await session.ping())) throw new FailedError("the device took the login and does not answer a ping");
      this.tell({ event: "login" }, "app is logged in", "by the authKey, on the LAN");
      if (!this.options.data) return;
      const { products, users } = this.world;
      const keys = { productKey: products[0].pk, deviceKey: this.dk };
      await showData({ cloud, token: users[0].token, signal }, keys, session, (...step) => this.tell(...step));
    } finally {
      session.close();
    }
  }

  /** The console, with a device to bind in it, until the person ends it. */
  private async keepOpen({ http, mqtt: server }: Cloud): Promise<void> {
    const { pk, ps } = this.world.products[0];
    const setup = { engine: "emulator", host: hostFor("emulator"), pk, ps, server, networks: [this.network] } as const;
    this.running.push(await startWaiting({ ...setup, networks: [...setup.networks] }, this.buttons));
    this.output.tell(
      { event: "console", http },
      `\nOpen ${this.output.paint.bold(http)} in a browser. Ctrl-C ends it.`,
    );
    await stopped(this.io);
  }

  private since(): number {
    return Math.round(performance.now() - this.begin);
  }

  private tell(happening: Happening, what: string, detail: string): void {
    const ms = this.since();
    this.output.tell({ ...happening, ms }, tick(this.output, ms, what, detail));
  }
}

export function addDemo(program: Command, io: Io): void {
  program
    .command("demo")
    .description("bind a new device in one process: cloud, device, radio and app")
    .addOption(engineOption())
    .option("--timeout <seconds>", "how long the app asks the cloud", seconds(1, 600), 60)
    .option("--data", "then read and write a lamp, the application of the device")
    .option("--open", "keep the cloud running for its console, with another device to bind")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => new Demo(options, io).run());
}
