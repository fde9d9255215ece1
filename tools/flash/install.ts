/** Puts an application on a device beside the one that runs, and makes the next boot try it. */

import { FailedError, UsageError } from "../../sim/errors.js";
import type { Board } from "./board.js";
import type { Evaluator } from "./console.js";
import { fileSum, isSame, readFile, writeFile } from "./files.js";
import { appFile, freeLetter, isSettled, pointTo, readSlots, release, type Slots } from "./slots.js";

export const BOOT_FILE = ".bootcde";
export const OPTIONS_FILE = "binding.json";
/** Bytes of a file's header in Storage. */
const HEADER = 32;
/** Storage needs some space beyond the files, and the state file is small. */
const RESERVE = 1024;
/** Milliseconds in which Storage must be compacted. */
const COMPACT_TIMEOUT = 60000;

/** A bundle as it is flashed: without the name of its map, and without a byte order mark. */
export function flashable(bytes: string): string {
  return bytes.replace(/^\xef\xbb\xbf/, "").replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "\n");
}

/** What is to be written. */
export interface Package {
  /** The application, or undefined when only modules are written. */
  app?: string;
  /** Modules by their names, which are their files' as well. They are replaced in place. */
  modules?: Record<string, string>;
  /** The boot file; written with an application. */
  boot: string;
  /** Content of binding.json, when it is to be replaced. */
  options?: string;
}

/** What will be done, and what prevents it. */
export interface Plan {
  /** Storage files that will be written, with their sizes. */
  writes: { file: string; bytes: number }[];
  slots: Slots;
  /** Letter of the file that the application goes to and that is tried; undefined when it runs already. */
  letter?: string;
  /** Letter of the application that runs, when it is what was asked for and another one would boot next. */
  back?: string;
  /** Whether a boot is needed to run what was asked for. */
  boots: boolean;
  /** Whether Storage must be compacted, which a power cut must not interrupt. */
  compact: boolean;
  /** Whether another program's boot file will be overwritten. */
  foreignBoot: boolean;
}

export interface InstallSteps {
  /** `done` of `total` bytes of a file have been written. */
  onBytes(file: string, done: number, total: number): void;
  onStep(step: string, file?: string): void;
}

/** What becomes of the two application files, planned from what runs and what is named, not from what is written. */
async function planSlots(device: Evaluator, slots: Slots, app: string): Promise<Pick<Plan, "letter" | "back">> {
  const { kept, running } = slots;
  if (!kept || !(await isSame(device, appFile(kept), app))) return { letter: freeLetter(slots) };
  return running && !isSettled(slots, running) ? { back: running } : {};
}

/** Whether a boot file is ours, cut short while it was written: each bit that ours has is still set. */
async function isTorn(device: Evaluator, boot: string): Promise<boolean> {
  const found = await fileSum(device, BOOT_FILE);
  if (found?.length !== boot.length) return false;
  const bytes = (await readFile(device, BOOT_FILE))!;
  return [...boot].every((char, at) => (bytes.charCodeAt(at) & char.charCodeAt(0)) === char.charCodeAt(0));
}

/** Looks at the device; writes nothing. @throws FailedError when it can never be done */
export async function planInstall(device: Evaluator, board: Board, what: Package): Promise<Plan> {
  const slots = await readSlots(device);
  const { letter, back } = what.app ? await planSlots(device, slots, what.app) : {};
  const files: [string, string | undefined][] = [
    [appFile(letter ?? ""), letter && what.app],
    ...Object.entries(what.modules ?? {}),
    [OPTIONS_FILE, what.options],
    [BOOT_FILE, what.app && what.boot],
  ];
  const writes: Plan["writes"] = [];
  for (const [file, bytes] of files) {
    if (bytes && !(await isSame(device, file, bytes))) writes.push({ file, bytes: bytes.length });
  }
  const needed = writes.reduce((sum, { bytes }) => sum + bytes + HEADER, RESERVE);
  if (needed > board.free + board.trash) {
    throw new FailedError(`Storage has ${board.free + board.trash} bytes left, and ${needed} are needed`);
  }
  const bootChanges = writes.some(({ file }) => file === BOOT_FILE);
  const present = bootChanges && (await fileSum(device, BOOT_FILE)) !== undefined;
  const foreignBoot = present && !(await isTorn(device, what.boot));
  const boots = Boolean(what.app) && (writes.length > 0 || Boolean(letter) || !slots.running);
  return { writes, slots, letter, back, boots, compact: needed > board.free, foreignBoot };
}

/** What a plan needs to be told before it may be carried out. @throws UsageError that names the option */
export function checkConsent(plan: Plan, consent: { force?: boolean; compact?: boolean }): void {
  if (plan.foreignBoot && !consent.force) {
    throw new UsageError(
      "the device has another boot file (.bootcde): --force replaces it, which a power cut must not interrupt",
    );
  }
  if (plan.compact && !consent.compact) {
    throw new UsageError(
      "Storage must be compacted first: keep the power on, since a cut would erase all files, and give --compact",
    );
  }
  if (plan.slots.onTrial) {
    throw new FailedError("what runs now is still on trial: wait until it has said that it is good, then update");
  }
}

/**
 * Carries a plan out. The file that runs is never touched, and until the last byte the device boots what it had.
 * @throws FailedError when something reads back otherwise than it was written
 */
export async function install(device: Evaluator, plan: Plan, what: Package, steps: InstallSteps): Promise<void> {
  const write = async (file: string, bytes: string): Promise<void> => {
    const written = await writeFile(device, file, bytes, (done) => steps.onBytes(file, done, bytes.length));
    if (written) steps.onStep("verified", file);
  };
  if (plan.compact) {
    await device.eval('(require("Storage").compact(),0)', COMPACT_TIMEOUT);
    steps.onStep("compacted");
  }
  for (const [name, bytes] of Object.entries(what.modules ?? {})) await write(name, bytes);
  const { letter } = plan;
  if (what.app && letter) {
    await release(device, plan.slots);
    await write(appFile(letter), what.app);
  }
  if (what.options) await write(OPTIONS_FILE, what.options);
  if (plan.back) await pointTo(device, plan.back, true);
  if (letter) await pointTo(device, letter, false);
  if (what.app) await write(BOOT_FILE, what.boot);
  if (letter) steps.onStep("on trial", appFile(letter));
}

/** Milliseconds in which the device's answer is on its way before it reboots, and until it has begun to. */
const REBOOT_DELAY = 300;
const REBOOT_BEGUN = 500;

/** Boots the device anew. What comes after it does not reach the program that ran before. */
export async function reboot(device: Evaluator, board: Board): Promise<void> {
  const restart = board.board === "LINUX" ? "load()" : "E.reboot()";
  await device.eval(`(setTimeout(function(){${restart}},${REBOOT_DELAY}),0)`);
  await new Promise((resolve) => setTimeout(resolve, REBOOT_BEGUN));
}
