/** A board on a USB cable: which device it becomes. */
import { useState } from "preact/hooks";

import type { Label } from "../../tools/factory/label.js";
import { Check } from "../parts/check.js";
import { Text } from "../parts/text.js";
import { isTold, world } from "../state/store.js";
import { flash, type Cable } from "./flashing.js";
import { hasSerial } from "./serial.js";
import { REPLACE, type Steps } from "./steps.js";

const FIRST: Cable = {
  ...{ pk: "", dk: "", proof: false, server: "", debug: false, replace: false },
  ...{ password: "", flashKey: "" },
};

function Missing() {
  return (
    <p class="quiet">
      This browser has no Web Serial: take Chrome or Edge, on http://localhost or http://127.0.0.1. Or run
      <code> wifi-binding identity write</code> and <code>wifi-binding flash</code> on a terminal.
    </p>
  );
}

interface Fields {
  cable: Cable;
  set: <K extends keyof Cable>(key: K) => (value: Cable[K]) => void;
}

/** Which device it becomes, and where. */
function Which({ cable, set }: Fields) {
  const { products, mqtt } = world.value;
  return (
    <>
      <label>
        Product
        <select value={cable.pk} onChange={(event) => set("pk")(event.currentTarget.value)}>
          {products.map(({ pk, name }) => (
            <option key={pk} value={pk}>
              {name} ({pk})
            </option>
          ))}
        </select>
      </label>
      <Text label="DeviceKey (empty: the chip's own number)" mono value={cable.dk} set={set("dk")} />
      <Text label="Its cloud" mono hint={mqtt} value={cable.server} set={set("server")} />
      {/^mqtts?:\/\/127\./.test(cable.server || mqtt) && (
        <p class="quiet">
          A real board does not reach this address: start the cloud with <code>--host 0.0.0.0</code>.
        </p>
      )}
    </>
  );
}

/** What only some boards need. */
function Special({ cable, set }: Fields) {
  return (
    <>
      <div class="checks">
        <Check label="It demands a proof of possession" value={cable.proof} set={set("proof")} />
        <Check label="Its consoles stay open (option debug)" value={cable.debug} set={set("debug")} />
        <Check label={REPLACE} value={cable.replace} set={set("replace")} />
      </div>
      <details>
        <summary>A locked console, or flash that is sealed</summary>
        <div class="inner">
          <Text label="Password of its console" type="password" value={cable.password} set={set("password")} />
          <Text label="Option flashKey" type="password" value={cable.flashKey} set={set("flashKey")} />
        </div>
      </details>
    </>
  );
}

interface Props {
  steps: Steps;
  busy: boolean;
  setBusy: (busy: boolean) => void;
  made: (label: Label | undefined) => void;
}

export function CableForm({ steps, busy, setBusy, made }: Props) {
  const [cable, setCable] = useState(FIRST);
  const { products, mqtt } = world.value;
  const full = { ...cable, pk: cable.pk || (products[0]?.pk ?? ""), server: cable.server || mqtt };
  const set =
    <K extends keyof Cable>(key: K) =>
    (value: Cable[K]): void =>
      setCable({ ...cable, [key]: value });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    steps.clear();
    made(await flash(full, steps));
    setBusy(false);
  };
  return (
    <form class="card" aria-label="by cable" aria-busy={busy} onSubmit={(event) => void submit(event)}>
      <h2>By cable: firmware and identity</h2>
      {!hasSerial() && <Missing />}
      <Which cable={{ ...cable, pk: full.pk }} set={set} />
      <Special cable={cable} set={set} />
      <button class="main" disabled={busy || !isTold.value || !hasSerial()}>
        Choose the port and begin
      </button>
    </form>
  );
}
