/** The devices that the cloud has met, each with its state and its binding window. */
import type { Signal } from "@preact/signals";

import { Ring } from "../parts/ring.js";
import { ago, plain } from "../parts/words.js";
import { now } from "../state/clock.js";
import { addressOf, chosen } from "../state/route.js";
import { devices, state } from "../state/store.js";
import type { Device } from "../state/types.js";
import { Detail } from "./detail.js";

export const titleOf = (device: Device): string =>
  plain(device.bindings.find(({ name }) => name.trim())?.name ?? device.dk);

function stateOf({ online, bindings }: Device): string {
  const bound = bindings.length ? "bound" : "not bound";
  return `${online ? "Online" : "Away"}, ${bound}`;
}

function Item({ device: { value: device }, open }: { device: Signal<Device>; open: boolean }) {
  const { pk, dk, product, online, address, rssi, seen } = device;
  const place = [address, rssi === undefined ? undefined : `${rssi} dBm`].filter(Boolean).join(", ");
  return (
    <li class={open ? "device open" : "device"}>
      <a
        class="row"
        href={open ? addressOf("devices") : addressOf("devices", pk, dk)}
        aria-expanded={open}
        role="button"
      >
        <span class={online ? "dot on" : "dot"} aria-hidden="true" />
        <span class="who">
          <b>{titleOf(device)}</b>
          <small class={titleOf(device) === dk ? undefined : "mono"}>{titleOf(device) === dk ? product : dk}</small>
        </span>
        <span class="what">{stateOf(device)}</span>
        <span class="where mono">{place || "–"}</span>
        <span class="when">{ago(seen, now.value)}</span>
        <Ring device={device} />
      </a>
      {open && <Detail device={device} />}
    </li>
  );
}

function Empty() {
  if (state.value === "connecting") return null;
  return (
    <div class="card empty">
      <h2>No device has come yet</h2>
      <p>
        A device appears here when it has authenticated with this cloud for the first time. To try one on this machine:
      </p>
      <pre tabIndex={0}>wifi-binding device --products FILE --cloud MQTT-URL --ap home:password</pre>
    </div>
  );
}

export function DevicesView() {
  const list = [...devices.value];
  const online = list.filter(([, device]) => device.value.online).length;
  return (
    <>
      <div class="head">
        <h1>Devices</h1>
        {list.length > 0 && (
          <p class="quiet">
            {list.length} known, {online} online
          </p>
        )}
      </div>
      {list.length ? (
        <ul class="devices">
          {list.map(([key, device]) => (
            <Item key={key} device={device} open={chosen.value === key} />
          ))}
        </ul>
      ) : (
        <Empty />
      )}
    </>
  );
}
