/** What an operator can do to a device: its bindings, and changes that travel to it. */
import { useState } from "preact/hooks";

import { Answer } from "../parts/answer.js";
import * as calls from "../state/calls.js";
import type { Device, Envelope } from "../state/types.js";

type Act = (done: Promise<Envelope>) => void;

const NO_SERVER: Envelope = {
  ...{ code: 0, msg: "This is no server", data: null },
  extMsg: "type its IP address and port, such as 10.0.0.1:1883",
};

/** A device takes a new server's name and address; an address is both. */
function serverOf(text: string): object | undefined {
  const [, ip, port = "1883"] = /^(?:mqtts?:\/\/)?(\d+(?:\.\d+){3})(?::(\d+))?\/?$/.exec(text.trim()) ?? [];
  const bytes = ip?.split(".").map(Number) ?? [256];
  if (bytes.some((one) => one > 255) || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { server: { domain: ip, ip, port: Number(port) } };
}

function Field(props: { label: string; value: string; button: string; submit: (text: string) => void }) {
  /** Until it is sent; then it is again what the cloud has, which another tab may change. */
  const [typed, setTyped] = useState<string>();
  const text = typed ?? props.value;
  const submit = (event: Event): void => {
    event.preventDefault();
    props.submit(text);
    setTyped(undefined);
  };
  return (
    <form class="inline" onSubmit={submit}>
      <label>
        {props.label}
        <input value={text} onInput={(event) => setTyped(event.currentTarget.value)} />
      </label>
      <button>{props.button}</button>
    </form>
  );
}

function Bindings({ device, act }: { device: Device; act: Act }) {
  return (
    <>
      {device.bindings.map(({ user, name }) => (
        <div class="line" key={user}>
          <Field
            label={`Name for ${user}`}
            value={name}
            button="Rename"
            submit={(text) => act(calls.rename(device, user, text))}
          />
          <button onClick={() => act(calls.unbind(device, user))}>Unbind from {user}</button>
        </div>
      ))}
    </>
  );
}

function Button({ device, act }: { device: Device; act: Act }) {
  if (!device.button) return null;
  const press = (what: "open" | "provision" | "reset"): void => act(calls.press(device, what));
  return (
    <fieldset>
      <legend>Its button</legend>
      <button onClick={() => press("open")}>Short press: binding window</button>
      <button onClick={() => press("provision")}>5 s: provisioning</button>
      <button onClick={() => press("reset")}>10 s: reset</button>
    </fieldset>
  );
}

function Changes({ device, act }: { device: Device; act: Act }) {
  const change = (what: object): void => act(calls.configure(device, what));
  const move = (text: string): void => {
    const server = serverOf(text);
    act(server ? calls.configure(device, server) : Promise.resolve(NO_SERVER));
  };
  return (
    <fieldset disabled={!device.online}>
      <legend>{device.online ? "Send to it" : "Send to it (when it is online)"}</legend>
      <button onClick={() => change({ ds: true })}>New DeviceSecret</button>
      <button onClick={() => change({ reauthenticate: true })}>Reauthenticate</button>
      <button onClick={() => change({ status: true, info: true })}>Ask for its status</button>
      <Field label="New server (IP:port)" value="" button="Move" submit={move} />
    </fieldset>
  );
}

export function Actions({ device }: { device: Device }) {
  const [answer, setAnswer] = useState<Envelope>();
  const [busy, setBusy] = useState(false);
  const act: Act = (done) => {
    setBusy(true);
    void done.then(setAnswer).finally(() => setBusy(false));
  };
  return (
    <div class="actions" aria-busy={busy}>
      <Bindings device={device} act={act} />
      <Button device={device} act={act} />
      <Changes device={device} act={act} />
      {answer && <Answer answer={answer} />}
    </div>
  );
}
