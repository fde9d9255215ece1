/** What a device tells of itself, by the names of its thing model: values, what sets them, and their course. */
import { useEffect, useState } from "preact/hooks";

import { PropertyCard } from "../data/property.js";
import { Answer } from "../parts/answer.js";
import { writeData } from "../state/calls.js";
import { data, load } from "../state/data.js";
import { chosen, show } from "../state/route.js";
import { devices, state } from "../state/store.js";
import { keyOf, type Device, type Envelope, type Property } from "../state/types.js";
import { titleOf } from "./devices.js";

/** The device that is shown: named by the address, or else the first that is bound. */
function wanted(): Device | undefined {
  const list = [...devices.value].map(([key, device]) => [key, device.value] as const);
  const named = list.find(([key]) => key === chosen.value);
  return (named ?? list.find(([, { bindings }]) => bindings.length) ?? list[0])?.[1];
}

function Choose({ device }: { device: Device }) {
  return (
    <label>
      Device
      <select value={keyOf(device)} onChange={(event) => show("data", event.currentTarget.value)}>
        {[...devices.value].map(([key, one]) => (
          <option key={key} value={key}>
            {titleOf(one.value)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Hint({ device }: { device: Device }) {
  const { online, bindings } = device;
  if (!bindings.length) return <p class="quiet">It is not bound: values can be read, and no user may write them.</p>;
  return online ? null : <p class="quiet">It is away: these are its last values.</p>;
}

function Values({ device }: { device: Device }) {
  const { pk, dk, online, bindings } = device;
  const [answer, setAnswer] = useState<Envelope>();
  const key = keyOf(device);
  const live = state.value === "live";
  useEffect(() => {
    if (live) void load(pk, dk).then((one) => setAnswer(one.code === 200 ? undefined : one));
  }, [key, live]);
  const told = data.value && keyOf(data.value) === key ? data.value : undefined;
  const [owner] = bindings;
  const write = async ({ code }: Property, value: unknown): Promise<boolean> => {
    const written = await writeData(device, owner!.user, { [code]: value });
    setAnswer(written.code === 200 ? undefined : written);
    return written.code === 200;
  };
  const ask = (): void => void load(pk, dk, true).then((one) => setAnswer(one.code === 200 ? undefined : one));
  return (
    <>
      <div class="tools">
        <Choose device={device} />
        <button disabled={!online} onClick={ask}>
          Ask the device
        </button>
      </div>
      <Hint device={device} />
      {answer && <Answer answer={answer} />}
      {told && !told.properties.length && <p class="card quiet">It has told nothing, and has no thing model.</p>}
      <div class="properties">
        {told?.properties.map((property) => (
          <PropertyCard
            key={`${key} ${property.id}`}
            property={property}
            told={told.values.find(({ id }) => id === property.id)}
            points={told.history[property.id] ?? []}
            write={online && owner ? (value) => write(property, value) : undefined}
          />
        ))}
      </div>
    </>
  );
}

export function DataView() {
  const device = wanted();
  return (
    <>
      <div class="head">
        <h1>Data</h1>
        <p class="quiet">What a device reports, and what its owner sets.</p>
      </div>
      {device ? (
        <Values key={keyOf(device)} device={device} />
      ) : (
        state.value === "live" && <p class="card quiet">No device has come yet.</p>
      )}
    </>
  );
}
