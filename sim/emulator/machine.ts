/** The machine between power-on and power-off: one realm, one queue of jobs, its timers and its sockets. */

import type { Script } from "node:vm";

import type { Clock } from "./clock.js";
import type { Console } from "./console.js";
import { cryptoModule } from "./modules/crypto.js";
import { dgramModule } from "./modules/dgram.js";
import { flashModule, type FlashCells } from "./modules/flash.js";
import { inspect } from "./modules/inspect.js";
import { idleModules, machineGlobals, repeatingRandom } from "./modules/machine.js";
import { netModule, tlsModule } from "./modules/net.js";
import { OpenSockets, type NetworkHost } from "./modules/sockets.js";
import { storageModule, type StorageFiles } from "./modules/storage.js";
import { Timers } from "./modules/timers.js";
import { compile, compileUnchecked, RefusedError, type ProgramOptions } from "./program.js";
import { globalNames } from "./instrument.js";
import { createRealm, type Realm } from "./realm/realm.js";

export interface MachineOptions {
  host: string;
  clock: Clock;
  /** Nested calls that the stack has room for. */
  calls: number;
  console: Console;
  cells: FlashCells;
  files: StorageFiles;
  /** The program asks to start again; false: without its boot code. */
  restarted: (bootCode: boolean) => void;
}

/** Unwinds the device's code when the power goes; nothing of it may run after that. */
class PowerLost extends Error {}

/** Rounds of events that one job may cause before it counts as endless. */
const MOST_ROUNDS = 10000;
const BOOT_FILES = [".boot0", ".boot1", ".boot2", ".boot3", ".bootcde"];

type Module = Record<string, unknown>;

export class Machine {
  dead = false;
  private readonly realm: Realm;
  private readonly timers: Timers;
  private readonly sockets = new OpenSockets();
  private readonly modules = new Map<string, Module>();
  private readonly globals: string[] = [];
  private readonly random = repeatingRandom();
  private readonly started: number;
  private events: [callback: unknown, self: unknown, args: unknown[]][] = [];
  private running = false;
  private stopped: Promise<void> | undefined;

  constructor(private readonly options: MachineOptions) {
    const { clock } = options;
    this.started = clock.now();
    const queue = (callback: unknown, self: unknown, args: unknown[]): void => {
      this.events.push([callback, self, args]);
    };
    const report = (error: unknown, where: string): void => this.report(error, where);
    this.realm = createRealm({ queue, report, random: this.random }, options.calls);
    this.timers = new Timers(this.realm, clock, (due) => this.job(() => due.forEach((one) => this.attempt(one))));
    this.install(queue);
  }

  /** Runs the boot files in Espruino's order, then E's 'init'. One that fails does not stop the next. */
  boot(): void {
    for (const name of BOOT_FILES) {
      const source = this.options.files.text(name);
      if (source !== undefined && !this.dead) this.job(() => this.runFile(name, source));
    }
    this.job(() => this.realm.dispatch(this.realm.global.E as object, "init", []));
  }

  /** The value of an expression as JSON. */
  evaluate(expression: string): string | undefined {
    const script = compileUnchecked(`(${expression}\n)`, { name: "eval", kind: "script", globals: this.globals });
    let result: string | undefined;
    let failure: unknown;
    this.job(() => {
      try {
        result = this.realm.text(script.runInContext(this.realm.context));
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
    this.events = [];
    this.timers.stop();
    this.stopped ??= this.sockets.closeAll();
    return this.stopped;
  }

  /** Runs something from outside as one job, and all events that follow from it. */
  job(work: () => void): void {
    if (this.dead) return;
    this.options.clock.touch();
    if (this.running) {
      this.events.push([work, undefined, []]);
      return;
    }
    this.running = true;
    this.attempt(work);
    for (let rounds = 0; this.events.length && !this.dead; rounds++) {
      const [callback, self, args] = this.events.shift()!;
      this.attempt(() => call(callback, self, args));
      if (rounds > MOST_ROUNDS) this.endless();
    }
    this.running = false;
  }

  private endless(): void {
    this.events = [];
    this.trap("events that cause events without end");
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof PowerLost) void this.stop();
      else this.report(error, "");
    } finally {
      this.realm.stack.n = 0;
      this.realm.stack.dead = false;
    }
  }

  private report(error: unknown, where: string): void {
    if (this.dead) return;
    const text = error instanceof RefusedError ? error.message : inspect(error);
    this.options.console.print(`Uncaught ${text}`);
    const place = placeOf(error);
    if (place || where) this.options.console.print(`    ${[where, place].filter(Boolean).join(" ")}`);
  }

  private trap(message: string): void {
    this.report(this.realm.error(`emulator: ${message}`, "InternalError"), "");
  }

  private programOptions(name: string, kind: "script" | "module"): ProgramOptions {
    return { name, kind, modules: this.options.files.names(), globals: [...this.globals] };
  }

  private runFile(name: string, source: string): void {
    const script = compile(source, this.programOptions(name, "script"));
    this.globals.push(...globalNames(source));
    script.runInContext(this.realm.context);
  }

  private require(name: unknown): Module {
    const key = String(name);
    const known = this.modules.get(key);
    if (known) return known;
    const source = this.options.files.text(key);
    if (source === undefined) throw this.realm.error(`Module "${key}" not found`);
    const module = this.realm.object({ exports: this.realm.object({}) });
    this.modules.set(key, module.exports as Module);
    const script: Script = compile(source, this.programOptions(key, "module"));
    call(script.runInContext(this.realm.context), module.exports, [module.exports, module]);
    this.modules.set(key, module.exports as Module);
    return module.exports as Module;
  }

  private powerLost(): never {
    this.realm.stack.dead = true;
    throw new PowerLost();
  }

  private install(queue: NetworkHost["queue"]): void {
    const { realm } = this;
    const { clock, host, console, cells, files } = this.options;
    const print = (line: string): void => {
      if (!this.dead) console.print(line);
    };
    const network: NetworkHost = {
      realm,
      clock,
      address: host,
      job: (work) => this.job(work),
      queue,
      print,
      trap: (message) => this.trap(message),
    };
    const seconds = (): number => (clock.now() - this.started) / 1000;
    const restart = (bootCode: boolean): void => {
      setImmediate(() => {
        if (!this.dead) this.options.restarted(bootCode);
      });
    };
    const serial = `24000000-${host
      .split(".")
      .map((n) => Number(n).toString(16).padStart(2, "0"))
      .join("")}`;
    const builtIn: Record<string, Module> = {
      ...idleModules(realm),
      Flash: flashModule(realm, cells, () => this.powerLost()),
      Storage: storageModule(realm, files),
      crypto: cryptoModule(realm, print),
      net: netModule(network, this.sockets),
      tls: tlsModule(network, this.sockets),
      dgram: dgramModule(network, this.sockets),
    };
    for (const [name, module] of Object.entries(builtIn)) this.modules.set(name, module);
    const globals = {
      ...machineGlobals({ realm, random: this.random, serial, print, seconds, restart }),
      ...this.timers.globals(),
      Modules: this.moduleCache(),
      require: (name: unknown) => this.require(name),
    };
    Object.assign(realm.global, globals);
  }

  private moduleCache(): Module {
    return this.realm.make("Modules", {
      addCached: (name: string, module: unknown) => {
        if (typeof module !== "object") throw this.realm.error("emulator: addCached takes the module itself here");
        this.modules.set(name, module as Module);
      },
      getCached: () => this.realm.array([...this.modules.keys()]),
      removeCached: (name: string) => void this.modules.delete(name),
      removeAllCached: () => {},
    });
  }
}

function call(callback: unknown, self: unknown, args: unknown[]): void {
  (callback as (...args: unknown[]) => unknown).apply(self, args);
}

/** Where in the device's program an error was thrown. */
function placeOf(error: unknown): string {
  const stack = (error as { stack?: unknown } | undefined)?.stack;
  const line = String(stack ?? "")
    .split("\n")
    .find((one) => /^\s+at /.test(one) && !/node:|prelude:|\/sim\//.test(one));
  return line?.trim() ?? "";
}
