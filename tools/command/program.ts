/** The program: commands, help, and what becomes of their errors. */
import { Command, CommanderError, type Option } from "commander";
import { messageOf, UnfinishedError, UsageError } from "../../sim/errors.js";
import { addBind } from "./bind.js";
import { addBoard } from "./board.js";
import { addCloud } from "./cloud.js";
import { addDecode } from "./decode.js";
import { addDemo } from "./demo.js";
import { addDevice } from "./device.js";
import { addDiscover } from "./discover.js";
import { addFlash } from "./flash.js";
import { addForget } from "./forget.js";
import { addIdentity } from "./identity.js";
import type { Io } from "./io.js";
import { packageVersion } from "./package.js";
import { addModel } from "./model.js";
import { addPress } from "./press.js";
import { addRead } from "./read.js";
import { addTap } from "./tap.js";
import { addTrace } from "./trace.js";
import { addUpdate } from "./update.js";
import { addWatch } from "./watch.js";
import { addWrite } from "./write.js";
import { SecretArgumentError } from "./values.js";

const SUCCESS = 0;
const FAILED = 1;
const USAGE = 2;
/** Done so far, and the same command goes on. */
const UNFINISHED = 3;
/** What shells report for a command that was interrupted. */
const INTERRUPTED = 130;

const EXAMPLES = `
Examples:
  wifi-binding demo                      everything in one process
  wifi-binding cloud                     a development cloud; it prints the two commands that follow
  wifi-binding discover                  the devices on this machine`;

/** Commander's complaint in one line, without the value of an option that is misspelt: it may be a secret. */
function usageLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, "")
    .replace(/('--[\w-]+)=[^']*'/, "$1'");
}

/** Has a refused secret told with its option, and with the variable that it may come from, as commander does of the others. */
function namePlace(option: Option): void {
  const parse = option.parseArg;
  if (!parse) return;
  option.argParser((text: string, before: unknown): unknown => {
    try {
      return parse(text, before);
    } catch (error) {
      if (!(error instanceof SecretArgumentError)) throw error;
      const place = [option.long, option.envVar].filter(Boolean).join(" or ");
      throw new SecretArgumentError(`${place}: ${error.message}`);
    }
  });
}

function namePlaces({ options, commands }: Command): void {
  for (const option of options) namePlace(option);
  for (const command of commands) namePlaces(command);
}

function build(io: Io): Command {
  const program = new Command("wifi-binding")
    .description("Wi-Fi device binding for Espruino on ESP32: device, cloud and app, on this machine")
    .version(packageVersion())
    // An option behind a command within a command is the inner one's.
    .enablePositionalOptions()
    .addHelpText("after", EXAMPLES)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.replace(/\n$/, "")),
      writeErr: (text) => io.err(text.replace(/\n$/, "")),
      outputError: (text) => io.err(`wifi-binding: ${usageLine(text)} (--help tells more)`),
    });
  const commands = [
    addDemo,
    addCloud,
    addForget,
    addDevice,
    addPress,
    addBoard,
    addBind,
    addDiscover,
    addRead,
    addWrite,
    addWatch,
    addModel,
    addFlash,
    addIdentity,
    addUpdate,
    addDecode,
    addTap,
    addTrace,
  ];
  for (const add of commands) add(program, io);
  namePlaces(program);
  return program;
}

/** The exit status for an error, after its one line is printed. */
function conclude(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? SUCCESS : USAGE;
  if (io.stop.aborted) return INTERRUPTED;
  io.err(`wifi-binding: ${messageOf(error)}`);
  if (error instanceof UnfinishedError) return UNFINISHED;
  return error instanceof UsageError || error instanceof SecretArgumentError ? USAGE : FAILED;
}

/**
 * Runs one command to its end.
 * @param argv arguments without the interpreter and the script
 * @returns exit status: 0 success, 1 failed, 2 wrong usage, 3 to be run again, 130 interrupted
 */
export async function run(argv: string[], io: Io): Promise<number> {
  try {
    await build(io).parseAsync(argv, { from: "user" });
    return SUCCESS;
  } catch (error) {
    return conclude(error, io);
  }
}
