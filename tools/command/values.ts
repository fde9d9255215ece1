/** Reads option values. A wrong one is refused with a sentence that says what would be right. */
import { InvalidArgumentError } from "commander";
import { isIPv4 } from "node:net";
import type { AccessPoint } from "../../sim/emulator/engine.js";
import { demandOwn } from "../../sim/listen.js";
import { messageOf, UsageError } from "../../sim/errors.js";
import { DEVICE_SECRET_RULE, isDeviceSecret, isPop, isPrefix, POP_RULE, PREFIX_RULE } from "../factory/names.js";
import { readTextFile } from "../../sim/text-file.js";
import { apiServer, mqttServer } from "../../sim/urls.js";
import { parseNetwork } from "./network.js";

function demand(ok: boolean, message: string): void {
  if (!ok) throw new InvalidArgumentError(message);
}

/** TCP port 0-65535; 0 picks a free one. */
export function port(text: string): number {
  const value = Number(text);
  demand(/^\d+$/.test(text) && value <= 65535, "Give a port from 0 (any free one) to 65535.");
  return value;
}

/** Speed of a serial port in bits per second. */
export function baudRate(text: string): number {
  const value = Number(text);
  demand(/^\d+$/.test(text) && value >= 300 && value <= 4_000_000, "Give a speed such as 115200.");
  return value;
}

/** Address of a flash page, decimal or 0x…. */
export function flashAddress(text: string): number {
  const value = Number(text);
  demand(
    /^(0x[0-9a-f]+|\d+)$/i.test(text) && value > 0 && value % 4096 === 0,
    "Give a page's address such as 0x310000.",
  );
  return value;
}

/** Whole seconds within a range. */
export function seconds(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    demand(/^\d+$/.test(text) && value >= least && value <= most, `Give ${least} to ${most} seconds.`);
    return value;
  };
}

/** An address of this machine, 0.0.0.0 for all of them. */
export function address(text: string): string {
  demand(isIPv4(text), "Give an IPv4 address of this machine, or 0.0.0.0.");
  try {
    demandOwn(text);
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}.`);
  }
  return text;
}

/** A number of things, 1 or more. */
export function count(text: string): number {
  demand(/^[1-9]\d{0,8}$/.test(text), "Give a whole number from 1.");
  return Number(text);
}

/** An address that only programs of this machine reach. */
export function loopback(text: string): string {
  demand(isIPv4(text) && text.startsWith("127."), "Give a loopback address such as 127.0.0.1 or 127.0.0.2.");
  return text;
}

export function ipv4(text: string): string {
  demand(isIPv4(text), "Give an IPv4 address such as 127.0.0.1.");
  return text;
}

/** Collects a repeatable address. */
export function addresses(text: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), ipv4(text)];
}

export function productKey(text: string): string {
  demand(/^[0-9A-Za-z]{1,32}$/.test(text), "A ProductKey has 1-32 letters and digits.");
  return text;
}

export function deviceKey(text: string): string {
  demand(/^[0-9A-Za-z]{4,32}$/.test(text), "A DeviceKey has 4-32 letters and digits.");
  return text;
}

/** Only the length is told on a mistake: the value is a secret. */
export function productSecret(text: string): string {
  if (!/^[\x21-\x7e]{16,32}$/.test(text))
    throw new SecretArgumentError("A ProductSecret has 16-32 characters, ASCII without spaces.");
  return text;
}

export function bindingCode(text: string): string {
  if (!/^[0-9A-F]{16}$/.test(text)) throw new SecretArgumentError("A bindingCode has 16 characters 0-9A-F.");
  return text;
}

/**
 * A wrong try at the device counts: one that cannot be right is not made. White space around it is dropped, wherever it
 * comes from.
 */
export function proofOfPossession(text: string): string {
  const pop = text.trim();
  if (!isPop(pop)) throw new SecretArgumentError(`A proof of possession has ${POP_RULE}.`);
  return pop;
}

/** A DeviceSecret that the factory writes. */
export function deviceSecret(text: string): string {
  if (!isDeviceSecret(text)) throw new SecretArgumentError(`A DeviceSecret has ${DEVICE_SECRET_RULE}.`);
  return text;
}

/** The public key that updates are signed with: 64 hexadecimal digits, or a file that holds them. */
export function updateKey(text: string): string {
  const isKey = (digits: string): boolean => /^[0-9a-f]{64}$/i.test(digits);
  const key = isKey(text) ? text : readTextFile(text).trim();
  demand(isKey(key), "A public key of updates has 64 hexadecimal digits, or is a file that holds them.");
  return key.toLowerCase();
}

/** The device's option username. */
export function userName(text: string): string {
  demand(/^[\x20-\x7e]{1,255}$/.test(text), "A user name of the broker has 1-255 ASCII characters.");
  return text;
}

/** The device's option prefix. */
export function prefix(text: string): string {
  demand(isPrefix(text), `A prefix has ${PREFIX_RULE}.`);
  return text;
}

/** The authKey as the API gives it: 16 bytes in BASE64. */
export function authKey(text: string): string {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== 16 || bytes.toString("base64") !== text) {
    throw new SecretArgumentError("An authKey is 16 bytes in BASE64, 24 characters.");
  }
  return text;
}

/** The random of frame 7033. */
export function loginRandom(text: string): string {
  demand(/^[\x20-\x7e]{16}$/.test(text), "The random of 7033 has 16 printable characters.");
  return text;
}

/** A refused value that must not be printed, which commander would do. */
export class SecretArgumentError extends Error {}

/** As it is parsed by the device; a refused URL is not printed, since it may hold a password. */
export function httpUrl(text: string): string {
  return apiServer(text);
}

export function mqttUrl(text: string): string {
  return mqttServer(text);
}

/** The MQTT URL of a broker, whose user and password have options of their own. */
export function brokerUrl(text: string): string {
  if (text.includes("@")) {
    throw new UsageError("give the broker's URL without a user: --broker-user and --broker-password-file");
  }
  return mqttServer(text);
}

/** Collects a network of the simulated radio. */
export function networks(text: string, earlier: AccessPoint[] | undefined): AccessPoint[] {
  try {
    return [...(earlier ?? []), parseNetwork(text)];
  } catch (error) {
    throw new SecretArgumentError(messageOf(error));
  }
}
