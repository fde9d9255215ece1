/** The machine between power-on and power-off: one realm, one queue of jobs, its timers and its sockets. */

import { OWN_MODULES } from "../../compiler/gate/features.js";
import type { Clock } from "./clock.js";
import type { Console } from "./console.js";
import { Jobs, type QueuedEvent } from "./jobs.js";
import { NRF_MODULE_NAME } from "./ble/nrf.js";
import { PINS_MODULE_NAME } from "./pins.js";
import { createBuiltIns, moduleCache, type Module } from "./builtins.js";
import type { FlashCells } from "./modules/flash.js";
import { inspect } from "./modules/inspect.js";
import { createGenerator, repeatingRandom, type Generator } from "./modules/machine.js";
import { OpenSockets, type NetworkHost } from "./modules/sockets.js";
import type { StorageFiles } from "./modules/storage.js";
import { Timers } from "./modules/timers.js";
import { compile, compileUnchecked, RefusedError, type ProgramOptions } from "./program.js";
import { createRealm, type Realm } from "./realm/realm.js";

export interface MachineOptions {
  host: string;
  clock: Clock;
  /** Nested calls that the stack has room for. */
  calls: number;
  console: Console;
  cells: FlashCells;
  files: StorageFiles;
  /** How often the device was booted before. */
  boots: number;
  /** The program asks to start again; false: without its boot code. */
  restarted: (bootCode: boolean) => void;
}

/** Unwinds the device's code when the power goes; nothing of it may run after that. */
class PowerLost extends Error {}

/** Milliseconds that a chip has run for when its boot code begins; their fraction is why the time is never whole. */
const BOOT = 0.4321;

/** Seconds by which boots differ: no two of a chip take the same microseconds. */
const JITTER = 0.000007;

const BOOT_FILES = [".boot0", ".boot1", ".boot2", ".boot3", ".bootcde"];

export class Machine {
  dead = false;
  private readonly realm: Realm;
  private readonly timers: Timers;
  private readonly sockets = new OpenSockets();
  private readonly modules = new Map<string, Module>();
  private readonly globals: string[] = [];
  private readonly started: number;
  /** Seconds that the device's clock was put forward. */
  private offset = 0;
  private readonly jobs: Jobs;
  private stopped: Promise<void> | undefined;

  constructor(private readonly options: MachineOptions) {
    const { clock } = options;
    this.started = clock.now();
    this.jobs = new Jobs(
      () => clock.touch(),
      (error) => this.failed(error),
      () => this.realm.stack,
    );
    const queue = (...event: QueuedEvent): void => this.jobs.queue(event);
    const report = (error: unknown, where: string): void => this.report(error, where);
    const generator = createGenerator(repeatingRandom());
    this.realm = createRealm(
      {
        queue,
        report,
        random: generator.random,
        milliseconds: () => BOOT + this.seconds() * 1000,
        trap: (message) => this.trap(message),
      },
      options.calls,
    );
    this.timers = new Timers(
      this.realm,
      clock,
      (due) => this.jobs.runAll(due),
      () => this.jobs.queued,
    );
    this.install(queue, generator);
  }

  /** Runs the boot files in Espruino's order, then E's 'init'. One that fails does not stop the next. */
  boot(): void {
    for (const name of BOOT_FILES) {
      const source = this.options.files.text(name);
      if (source !== undefined && !this.dead) this.runDirectly(() => this.runFile(name, source));
    }
    this.jobs.run(() => this.realm.dispatch(this.realm.global.E as object, "init", []));
  }

  /** Runs something that is no callback: behind it, timers without delay run before events that came later. */
  private runDirectly(work: () => void): void {
    const before = this.jobs.queued;
    this.jobs.runAll([work, () => this.timers.overtake(before)]);
  }

  /** The value of an expression as JSON. */
  evaluate(expression: string): string | undefined {
    const script = compileUnchecked(`(${expression}\n)`, { name: "eval", kind: "script", globals: this.globals });
    let result: string | undefined;
    let failure: unknown;
    this.runDirectly(() => {
      try {
        const value: unknown = script.runInContext(this.realm.context);
        result = value === undefined ? undefined : this.realm.text(value);
      } catch (error) {
        if (error instanceof PowerLost) throw error;
        failure = error;
      }
    });
    if (failure !== undefined) throw new Error(inspect(failure));
    return result;
  }

  /** Takes the power away; done when the sockets are closed. */
  stop(): Promise<void> {
    this.dead = true;
    this.jobs.stop();
    this.timers.stop();
    this.stopped ??= this.sockets.closeAll();
    return this.stopped;
  }

  /** Without a wall clock ESP32 counts from its boot. */
  private seconds(): number {
    return (this.options.clock.now() - this.started) / 1000 + this.options.boots * JITTER + this.offset;
  }

  private failed(error: unknown): void {
    if (error instanceof PowerLost) void this.stop();
    else this.report(error, "");
  }

  private report(error: unknown, where: string): void {
    if (this.dead) return;
    const text = error instanceof RefusedError ? error.message : inspect(error);
    this.options.console.print(`Uncaught ${text}`);
    // What was never compiled has its own place in the message, and none in the host's stack.
    const place = error instanceof RefusedError ? "" : placeOf(error);
    if (place || where) this.options.console.print(`    ${[where, place].filter(Boolean).join(" ")}`);
  }

  private trap(message: string): void {
    this.report(this.realm.error(`emulator: ${message}`, "InternalError"), "");
  }

  private programOptions(name: string, kind: "script" | "module"): ProgramOptions {
    return { name, kind, modules: [...this.options.files.names(), ...OWN_MODULES], globals: [...this.globals] };
  }

  /** @returns the value of the program's last expression */
  private runFile(name: string, source: string): unknown {
    const { script, names } = compile(source, this.programOptions(name, "script"));
    this.globals.push(...names);
    return script.runInContext(this.realm.context);
  }

  private require(name: unknown): Module {
    const key = String(name);
    const known = this.modules.get(key);
    if (known) return known;
    const source = this.options.files.text(key);
    if (source === undefined) throw this.realm.error(`Module "${key}" not found`);
    const module = this.realm.object({ exports: this.realm.object({}) });
    this.modules.set(key, module.exports as Module);
    const { script } = compile(source, this.programOptions(key, "module"));
    const define = script.runInContext(this.realm.context) as (exports: unknown, module: unknown) => void;
    define.call(module.exports, module.exports, module);
    this.modules.set(key, module.exports as Module);
    return module.exports as Module;
  }

  private powerLost(): never {
    this.realm.stack.dead = true;
    throw new PowerLost();
  }

  private install(queue: NetworkHost["queue"], generator: Generator): void {
    const { clock, host, console, cells, files } = this.options;
    const restart = (bootCode: boolean): void => {
      setImmediate(() => {
        if (!this.dead) this.options.restarted(bootCode);
      });
    };
    const builtIns = createBuiltIns({
      realm: this.realm,
      clock,
      address: host,
      cells,
      files,
      sockets: this.sockets,
      generator,
      job: (work) => this.jobs.run(work),
      queue,
      print: (line) => {
        if (!this.dead) console.print(line);
      },
      trap: (message) => this.trap(message),
      powerLost: () => this.powerLost(),
      seconds: () => this.seconds(),
      setSeconds: (seconds) => (this.offset = seconds - (this.seconds() - this.offset)),
      restart,
    });
    for (const [name, module] of Object.entries(builtIns.modules)) this.modules.set(name, module);
    Object.assign(this.realm.global, builtIns.globals, this.timers.globals(), {
      Modules: moduleCache(this.realm, this.modules),
      require: (name: unknown) => this.require(name),
      // In the global scope, where boot code calls it; Espruino's own sees the scope that it is called from.
      eval: (text: unknown) => (text === undefined ? undefined : this.runFile("eval", String(text))),
    });
    if (files.text(PINS_MODULE_NAME) !== undefined) this.require(PINS_MODULE_NAME);
    if (files.text(NRF_MODULE_NAME) !== undefined) this.realm.global.NRF = this.require(NRF_MODULE_NAME);
  }
}

/** Where in the device's program an error was thrown. */
function placeOf(error: unknown): string {
  const stack = (error as { stack?: unknown } | undefined)?.stack;
  const line = String(stack ?? "")
    .split("\n")
    .find((one) => /^\s+at /.test(one) && !/node:|prelude:|\/sim\//.test(one));
  return line?.trim() ?? "";
}
