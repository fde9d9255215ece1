/** Choices that a person makes: which device, which network, its password. Without a terminal they are options. */
import type { Found, Network } from "../app/index.js";
import { FailedError, UsageError } from "../errors.js";
import type { Io } from "./io.js";

/** Lets a person choose from a list. @throws UsageError where nobody can be asked */
async function choose<T>(io: Io, what: string, items: T[], line: (item: T) => string, option: string): Promise<T> {
  const list = items.map((item, at) => `  ${at + 1}) ${line(item)}`);
  const names = items.map((item) => line(item).split("  ")[0].trim()).join(", ");
  if (!io.ask) throw new UsageError(`${items.length} ${what}s to choose from (${names}): give one by ${option}`);
  io.out(list.join("\n"));
  for (;;) {
    const answer = Number(await io.ask(`Which ${what}? [1-${items.length}] `));
    if (items[answer - 1]) return items[answer - 1];
  }
}

/** @param dk the device that was named, if any */
export async function chooseDevice(io: Io, found: Found[], asked: string[], dk?: string): Promise<Found> {
  const fitting = found.filter((device) => dk === undefined || device.dk === dk);
  if (!fitting.length) {
    const others = found.map((device) => device.dk).join(", ");
    const hint = others ? `there are ${others}` : "check the address and power";
    throw new FailedError(`no device${dk ? ` ${dk}` : ""} answers discovery at ${asked.join(", ")}: ${hint}`);
  }
  if (fitting.length === 1) return fitting[0];
  return choose(
    io,
    "device",
    fitting,
    ({ dk: key, pk, address, state }) => `${key}  ${pk}  ${address}  ${state}`,
    "--dk",
  );
}

/** A network that the device hears. */
export async function chooseNetwork(io: Io, networks: Network[]): Promise<Network> {
  if (!networks.length) throw new FailedError("the device hears no network: bring it nearer, or give --ssid");
  const line = ({ ssid, rssi, authMode }: Network): string =>
    `${ssid.padEnd(32)} ${rssi} dBm${authMode ? "" : ", open"}`;
  return choose(io, "network", networks, line, "--ssid");
}

export async function askPassword(io: Io, ssid: string): Promise<string> {
  if (!io.ask) throw new UsageError("give the network's password by WIFI_BINDING_PASSWORD or --password-file");
  return io.ask(`Password of ${ssid}: `, true);
}
