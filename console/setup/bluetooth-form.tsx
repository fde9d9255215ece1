/** A device that is near: which network it is given. */
import { useState } from "preact/hooks";

import { LabelField } from "../parts/label-field.js";
import { fieldsOf, isUnreadable } from "../parts/label-text.js";
import { Text } from "../parts/text.js";
import { isTold, world } from "../state/store.js";
import { hasBluetooth } from "./bluetooth.js";
import { pair, type Proof } from "./pairing.js";
import type { Steps } from "./steps.js";

function proofOf(label: string): Proof | undefined {
  const { dk, pop } = fieldsOf(label) ?? {};
  return typeof dk === "string" && typeof pop === "string" ? { dk, pop } : undefined;
}

function Missing() {
  return (
    <p class="quiet">
      This browser has no Web Bluetooth: take Chrome or Edge, on http://localhost or http://127.0.0.1. Or run
      <code> wifi-binding bind</code> on a terminal.
    </p>
  );
}

interface Props {
  steps: Steps;
  busy: boolean;
  setBusy: (busy: boolean) => void;
  /** Text of the label of a device that was made here. */
  label: string;
}

export function BluetoothForm({ steps, busy, setBusy, label }: Props) {
  const [network, setNetwork] = useState({ ssid: "", password: "", server: "" });
  const [typed, setTyped] = useState<string>();
  const [name, setName] = useState("");
  const field = (key: keyof typeof network) => (text: string) => setNetwork({ ...network, [key]: text });
  const text = typed ?? label;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    steps.clear();
    await pair(network, world.value.users[0] ?? "", name, proofOf(text), steps);
    setBusy(false);
  };
  return (
    <form class="card" aria-label="by Bluetooth" aria-busy={busy} onSubmit={(event) => void submit(event)}>
      <h2>By Bluetooth: network and binding</h2>
      {!hasBluetooth() && <Missing />}
      <Text label="Wi-Fi network (SSID)" required value={network.ssid} set={field("ssid")} />
      <Text label="Its password" type="password" value={network.password} set={field("password")} />
      <Text label="Cloud (empty: the one it has)" mono value={network.server} set={field("server")} />
      <LabelField label="Text of its label, if it has a proof" value={text} set={setTyped} />
      <Text label="Name" value={name} set={setName} />
      <button class="main" disabled={busy || !isTold.value || !hasBluetooth() || isUnreadable(text)}>
        Choose the device and begin
      </button>
    </form>
  );
}
