/** Choosing the device and the network that are meant. */
import { findDevices, printable, scan, UnreachableError, type FindOptions, type Found } from "../../sim/app/index.js";
import { FailedError, UsageError } from "../../sim/errors.js";
import type { Label } from "../factory/label.js";
import type { Prompts } from "./io.js";
import type { Output } from "./output.js";

function describe({ dk, pk, address }: Found): string {
  return `${dk} (${pk} at ${address})`;
}

/** Why nobody is left to choose: nobody answers, or only others do. */
async function nobody(options: FindOptions, label: Label | undefined): Promise<Error> {
  const { addresses, pk, dk, signal } = options;
  const wanted = dk ? `device ${dk}` : pk ? `device of product ${pk}` : "device";
  const others = dk || pk ? await findDevices({ addresses, signal }) : [];
  const where = addresses.join(", ");
  const hint = label ? `, and join its access point ${label.ssid} if it has no network yet` : "";
  if (!others.length) {
    return new UnreachableError(`no ${wanted} answers discovery at ${where}: check the address and power${hint}`);
  }
  return new FailedError(`no ${wanted} at ${where}, but ${others.map(describe).join(", ")}${hint}`);
}

/**
 * The one device that is meant. Several that fit are a question to the person, or a mistake without a terminal.
 * @throws UnreachableError, FailedError when nobody fits; UsageError with the candidates when several do
 */
export async function chooseDevice(
  options: FindOptions & { label?: Label },
  ask: Prompts | undefined,
  output: Output,
): Promise<Found> {
  const { label, ...which } = options;
  output.progress("looking for the device");
  const found = await findDevices(which);
  const devices = found.length ? found : await nobody(which, label);
  output.progress("");
  if (devices instanceof Error) throw devices;
  if (devices.length === 1) return devices[0];
  if (ask) return devices[await ask.choose("Which device?", devices.map(describe))];
  for (const device of devices) output.tell({ event: "found", ...device });
  const list = devices.map(describe).join(", ");
  throw new UsageError(`${devices.length} devices answer, choose one by --dk: ${list}`);
}

/**
 * Asks for one of the networks that the device sees, or another one: a hidden network is in no scan, and a device that has
 * a network already does not look for others.
 */
export async function chooseNetwork(
  address: string,
  options: Parameters<typeof scan>[1],
  ask: Prompts,
  output: Output,
): Promise<string> {
  output.progress("the device looks for networks");
  const names = (await scan(address, options)) ?? [];
  output.progress("");
  const shown = names.map(printable);
  const answer = await ask.name("Which network?", shown);
  return names[shown.indexOf(answer)] ?? answer;
}
