/** Names of commands and of TTLV ids: those of src/codec/commands.ts, in words. */
import * as protocol from "../../src/codec/commands.js";

const NUMBERS = Object.entries(protocol).filter((entry): entry is [string, number] => typeof entry[1] === "number");

const inWords = (name: string): string => name.toLowerCase().replaceAll("_", " ");

const COMMANDS = new Map(
  NUMBERS.filter(([name]) => name.startsWith("CMD_")).map(([name, cmd]) => [cmd, inWords(name.slice(4))]),
);

/** Which names the ids of a command's content have. */
const PREFIXES: Record<number, string> = {
  [protocol.CMD_STATUS_ANSWER]: "STATUS_",
  [protocol.CMD_STATUS]: "STATUS_",
  [protocol.CMD_INFO_ANSWER]: "INFO_",
  [protocol.CMD_INFO]: "INFO_",
  [protocol.CMD_EXCEPTION]: "EXCEPTION_",
  [protocol.CMD_EXCEPTION_UP]: "EXCEPTION_",
  [protocol.CMD_CONFIG]: "CONFIG_",
  [protocol.CMD_CONFIG_ECHO]: "CONFIG_",
  [protocol.CMD_BINDING]: "BINDING_",
  [protocol.CMD_BINDING_RESULT]: "RESULT_",
};

export const commandName = (cmd: number): string => COMMANDS.get(cmd) ?? "unknown";
export const commandHex = (cmd: number): string => cmd.toString(16).toUpperCase().padStart(4, "0");

/** @param path ids from the top: only the server of 00B4 has names below it */
export function idName(cmd: number, path: number[]): string {
  const id = path.at(-1)!;
  const inServer = cmd === protocol.CMD_CONFIG && path.length === 2 && path[0] === protocol.CONFIG_SERVER;
  const prefix = path.length === 1 ? PREFIXES[cmd] : inServer ? "SERVER_" : undefined;
  const found = prefix && NUMBERS.find(([name, value]) => name.startsWith(prefix) && value === id);
  return found ? inWords(found[0].slice(prefix!.length)) : "";
}
