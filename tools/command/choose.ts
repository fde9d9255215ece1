/** Choosing the device and the network that are meant. */
import {
  findDevices,
  printable,
  scan,
  UnreachableError,
  type FindOptions,
  type Found,
  type Possession,
} from "../../sim/app/index.js";
import { FailedError, UsageError } from "../../sim/errors.js";
import type { Label } from "../factory/label.js";
import type { Io, Prompts } from "./io.js";
import type { Output } from "./output.js";

/** Authentication modes by ESP-IDF's numbers. */
const AUTH_MODES = ["open", "WEP", "WPA", "WPA2", "WPA/WPA2"];

function describe({ dk, pk, address, state }: Found): string {
  return `${dk} (${pk} at ${address}, ${state})`;
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
 * The one device that is meant. Several that fit are a question to the person, or a mistake where nobody can be asked.
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

/** Asks for one of the networks that the device sees. */
export async function chooseNetwork(
  { address }: Found,
  possession: Possession | undefined,
  ask: Prompts,
  output: Output,
  { stop }: Io,
): Promise<{ ssid: string; open: boolean }> {
  output.progress("the device looks for networks");
  const networks = await scan(address, { possession, signal: stop });
  output.progress("");
  if (!networks.length) throw new FailedError("the device sees no network: move it closer, or give the name by --ssid");
  const lines = networks.map(({ ssid, rssi, authMode }) => {
    const mode = AUTH_MODES[authMode] ?? `mode ${authMode}`;
    return `${printable(ssid).padEnd(32)} ${String(rssi).padStart(4)} dBm  ${mode}`;
  });
  const { ssid, authMode } = networks[await ask.choose("Which network?", lines)];
  return { ssid, open: authMode === 0 };
}
