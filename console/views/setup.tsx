/** From a new device to a bound one: the network by Bluetooth, then the binding. */
import { useState } from "preact/hooks";

import { Text } from "../parts/text.js";
import { hasBluetooth } from "../setup/bluetooth.js";
import { pair, type Label } from "../setup/pairing.js";
import { Progress } from "../setup/progress.js";
import { Steps } from "../setup/steps.js";
import { world } from "../state/store.js";
import { fieldsOf } from "./bind-draft.js";

const steps = new Steps();

/** The part of a label that opens a device with a proof of possession. */
function proofOf(label: string): Label | undefined {
  const { dk, pop } = fieldsOf(label) ?? {};
  return typeof dk === "string" && typeof pop === "string" ? { dk, pop } : undefined;
}

function Missing() {
  return (
    <p class="card quiet">
      This browser has no Web Bluetooth: take Chrome or Edge, on http://localhost or http://127.0.0.1. Or run
      <code> wifi-binding bind</code> on a terminal.
    </p>
  );
}

export function SetupView() {
  const [network, setNetwork] = useState({ ssid: "", password: "", server: "" });
  const [label, setLabel] = useState("");
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    steps.clear();
    await pair(network, world.value.users[0] ?? "", name, proofOf(label), steps);
    setBusy(false);
  };
  const field = (key: keyof typeof network) => (text: string) => setNetwork({ ...network, [key]: text });
  return (
    <>
      <div class="head">
        <h1>Set up a device</h1>
        <p class="quiet">By Bluetooth: it gets its network, comes to this cloud, and is bound.</p>
      </div>
      {!hasBluetooth() && <Missing />}
      <div class="columns">
        <form class="card" onSubmit={(event) => void submit(event)} aria-busy={busy}>
          <Text label="Wi-Fi network (SSID)" required value={network.ssid} set={field("ssid")} />
          <Text label="Its password" type="password" value={network.password} set={field("password")} />
          <Text label="Cloud (empty: the one it has)" mono value={network.server} set={field("server")} />
          <Text label="Text of its label, if it has one" mono hint="WB:{…}" value={label} set={setLabel} />
          <Text label="Name" value={name} set={setName} />
          <button class="main" disabled={busy || !hasBluetooth()}>
            Choose the device and begin
          </button>
        </form>
        <div class="side">
          <section class="card" aria-label="steps">
            <h2>Steps</h2>
            {steps.list.value.length ? (
              <Progress steps={steps} />
            ) : (
              <p class="quiet">
                Hold the device's button for 5 s, so that it can be found; then choose it in the browser's list.
              </p>
            )}
          </section>
        </div>
      </div>
    </>
  );
}
