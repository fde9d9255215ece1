/** Binding: which device, which code, what the user says of it, and the cloud's answer. */
import { useState } from "preact/hooks";

import { Answer } from "../parts/answer.js";
import { isUnreadable } from "../parts/label-text.js";
import { Ring, secondsLeft } from "../parts/ring.js";
import { bind } from "../state/calls.js";
import { chosen } from "../state/route.js";
import { devices, isTold, world } from "../state/store.js";
import type { Envelope } from "../state/types.js";
import { titleOf } from "./devices.js";
import { bodyOf, EMPTY, keysOf, type Draft } from "./bind-draft.js";
import { About, Which } from "./bind-fields.js";

/** The device that most likely is meant: its window is open, and it is nobody's yet. */
function likely(): string {
  const open = [...devices.value].filter(([, { value }]) => secondsLeft(value) > 0);
  return (open.find(([, { value }]) => !value.bindings.length) ?? open[0])?.[0] ?? "";
}

export function BindView() {
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [answer, setAnswer] = useState<Envelope>();
  const [busy, setBusy] = useState(false);
  const key = draft.device || chosen.value || likely();
  const full: Draft = { ...draft, device: key, user: draft.user || (world.value.users[0] ?? "") };
  const device = devices.value.get(keysOf(full).join("/"))?.value;
  // What is typed is about the device that is shown: another window that opens meanwhile changes nothing.
  const set = (more: Partial<Draft>): void => setDraft({ ...draft, device: key, ...more });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    set({});
    setBusy(true);
    setAnswer(await bind(bodyOf(full)));
    setBusy(false);
  };
  return (
    <>
      <div class="head">
        <h1>Bind a device</h1>
        <p class="quiet">In the name of a user of this cloud, as an app does.</p>
      </div>
      <div class="columns">
        <form class="card" onSubmit={submit} aria-busy={busy}>
          <Which draft={full} set={set} />
          <About draft={full} set={set} />
          <button class="main" disabled={busy || !isTold.value || isUnreadable(full.label)}>
            Bind
          </button>
        </form>
        <div class="side">
          {device && (
            <section class="card target" aria-label="chosen device">
              <div>
                <h2>{titleOf(device)}</h2>
                <p class="quiet">
                  {device.online ? "Online" : "Away"}, {device.bindings.length ? "bound" : "not bound"}
                  {secondsLeft(device) ? "" : ", no binding window open"}
                </p>
              </div>
              <Ring device={device} />
            </section>
          )}
          {answer && <Answer answer={answer} />}
        </div>
      </div>
    </>
  );
}
