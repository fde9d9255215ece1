/** `wifi-binding demo`: cloud, device, radio and app in one process, from a new device to a bound one. */
import type { Command } from "commander";
import { randomBytes, randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { API_SUCCESS } from "../../sim/app/api.js";
import { bindDevice, discoverOne } from "../../sim/app/index.js";
import { demoProducts, startCloud } from "../../sim/cloud/index.js";
import type { EngineName } from "../../sim/emulator/index.js";
import { FailedError } from "../../sim/errors.js";
import { newPop } from "../factory/identity-image.js";
import { Bar } from "./bar.js";
import { newDeviceKey } from "../factory/identity-file.js";
import { engineOption } from "./device.js";
import type { Io } from "./io.js";
import { duration, Output, type Happening } from "./output.js";
import { startDevice } from "./start-device.js";
import { refusal, tellStep, tick } from "./steps.js";
import { seconds } from "./values.js";

interface Options {
  engine: EngineName;
  timeout: number;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding demo
  wifi-binding demo --engine espruino
  wifi-binding demo --json

Everything stays on this machine. The last line of --json is {"event":"bound","code":200,"engine":…,"ms":…}.`;

/** How long the device may take to hear from the cloud that it is bound. */
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
  private readonly dk = newDeviceKey();
  private readonly pop = newPop();
  private readonly host: string;

  constructor(
    private readonly options: Options,
    private readonly io: Io,
  ) {
    this.output = new Output(io, Boolean(options.json));
    this.host = hostFor(options.engine);
  }

  async run(): Promise<void> {
    try {
      const cloud = await this.startCloud();
      await this.startDevice(cloud.mqtt);
      await this.bind(cloud.http, cloud.mqtt);
      await this.settle();
      const ms = this.since();
      const { engine } = this.options;
      const text = `${this.output.paint.bold(this.output.paint.green("bound"))}, all in ${duration(ms)}`;
      this.output.tell({ event: "bound", code: API_SUCCESS, engine, ms }, text);
    } finally {
      for (const part of this.running.reverse()) await part.stop();
    }
  }

  private async startCloud() {
    const cloud = await startCloud(this.world);
    this.running.push(cloud);
    this.tell({ event: "cloud", http: cloud.http, mqtt: cloud.mqtt }, "cloud is up", `${cloud.http}  ${cloud.mqtt}`);
    return cloud;
  }

  private async startDevice(server: string): Promise<void> {
    const { engine } = this.options;
    const { host, dk, pop, network } = this;
    const { pk, ps } = this.world.products[0];
    this.running.push(await startDevice({ engine, host, pk, ps, dk, pop, server, networks: [network] }));
    this.tell({ event: "device", engine, address: host, pk, dk }, "device has booted", `${engine} at ${host}`);
  }

  private async bind(cloud: string, server: string): Promise<void> {
    const offset = this.since();
    const bar = new Bar(this.output);
    const { envelope } = await bindDevice({
      ...{ address: this.host, ...this.network, pop: this.pop, server, cloud, token: this.world.users[0].token },
      timeout: this.options.timeout * 1000,
      onStep: (step) => {
        bar.show(step);
        tellStep(this.output, step, offset);
      },
      signal: this.io.stop,
    }).finally(() => bar.end());
    if (envelope.code !== API_SUCCESS) throw new FailedError(refusal(envelope));
  }

  /** Waits until the device itself says that it is bound. */
  private async settle(): Promise<void> {
    const end = performance.now() + SETTLE_MS;
    for (;;) {
      const { state } = await discoverOne(this.host, { timeout: SETTLE_MS, signal: this.io.stop });
      if (state === "bound") return this.tell({ event: "settled" }, "device knows it is bound", "its code is spent");
      if (performance.now() > end) throw new FailedError(`the cloud bound the device, but the device stays ${state}`);
      await sleep(50);
    }
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
    .option("--timeout <seconds>", "how long provisioning may take", seconds(1, 600), 60)
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => new Demo(options, io).run());
}
