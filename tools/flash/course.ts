/** The course of flashing, the same for the command and for the console's page: which modules, which options, and the trial. */

import type { Options } from "../../src/options.js";
import type { Board } from "./board.js";
import type { Console, ConsoleOptions, Evaluator } from "./console.js";
import { reboot, type Package, type Plan } from "./install.js";
import { chooseOptions, type OptionSources } from "./options-file.js";
import { watchTrial } from "./watch.js";

/** How long a new application may take to say that it is good, its trials included. */
const TRIAL_MS = 150_000;

/** A file of the build by its name, as it is flashed. */
export type Built = (name: string) => string | Promise<string>;

/** Modules that the board needs or can use, besides those that were asked for. */
export function modulesFor({ crypto, ble }: Board, withBle = true): string[] {
  return [...(crypto ? [] : ["WifiBindingCrypto"]), ...(ble && withBle ? ["WifiBindingBle"] : [])];
}

/** Adds modules of the build to what is written. */
export async function addModules(what: Package, names: string[], built: Built): Promise<void> {
  const modules = { ...what.modules };
  for (const name of names) modules[name] = await built(name);
  what.modules = modules;
}

/** One board, whose console is lost and found again on the way. */
export class Course {
  /** What the device will have. */
  options: Partial<Options> = {};
  /** The first error of the application that no code caught, as the device prints it. */
  private thrown: string | undefined;
  private booting = false;

  /**
   * @param dial opens the console
   * @param password of a console that is locked now; the options may bring another one with the next boot
   */
  constructor(
    private readonly dial: (options: ConsoleOptions) => Promise<Console>,
    private password?: string,
    private readonly onLine: (line: string) => void = () => {},
  ) {}

  open = (): Promise<Console> => this.dial({ password: this.password, onLine: (line) => this.heard(line) });

  private heard(line: string): void {
    if (/^Uncaught /.test(line)) this.thrown ??= line;
    // The boot code says so before it runs an application on trial: what came before is of the old one.
    if (this.booting && /^WB boot /.test(line)) {
      this.booting = false;
      this.thrown = undefined;
    }
    this.onLine(line);
  }

  /**
   * Chooses the options of the device, and puts them into what is written.
   * @returns the board, with the area of flash that they name
   * @throws UsageError when there are none or the firmware would refuse them
   */
  async choose(device: Evaluator, board: Board, what: Package, sources: OptionSources): Promise<Board> {
    const { options, text } = await chooseOptions(device, board, sources);
    this.options = options;
    what.options = text;
    return { ...board, area: options.flashStart ?? board.area };
  }

  /** Boots the device anew: what it has printed before counts no more, and its console has the password of the options. */
  async reboot(device: Evaluator, board: Board): Promise<void> {
    this.thrown = undefined;
    this.booting = true;
    this.password = this.options.console ?? this.password;
    await reboot(device, board);
  }

  /**
   * Waits until the application has said that it is good.
   * @param signal ends the waiting; the trial goes on
   * @throws FailedError when it has thrown or not stayed
   */
  watch(device: Console, board: Board, { letter, slots }: Plan, signal?: AbortSignal): Promise<void> {
    return watchTrial(device, {
      ...{ letter, previous: slots.kept, timeout: TRIAL_MS, open: this.open, signal },
      thrown: () => this.thrown,
      reboot: (console) => reboot(console, board),
    });
  }
}
