/** The fields of a binding. */
import { LabelField } from "../parts/label-field.js";
import { labelKeys } from "../parts/label-text.js";
import { Text } from "../parts/text.js";
import { CAPABILITIES } from "../parts/words.js";
import { devices, world } from "../state/store.js";
import { titleOf } from "./devices.js";
import { MATTER_FIELDS, type Draft } from "./bind-draft.js";

interface Props {
  draft: Draft;
  set: (more: Partial<Draft>) => void;
}

function Code({ draft, set }: Props) {
  return (
    <fieldset>
      <legend>bindingCode</legend>
      <label class="choice">
        <input type="radio" name="code" checked={draft.fromWindow} onChange={() => set({ fromWindow: true })} />
        The one that the device has reported
      </label>
      <label class="choice">
        <input type="radio" name="code" checked={!draft.fromWindow} onChange={() => set({ fromWindow: false })} />
        Another one
      </label>
      {!draft.fromWindow && (
        <Text label="Code (16 characters 0-9A-F)" mono value={draft.code} set={(code) => set({ code })} />
      )}
    </fieldset>
  );
}

/** Which device, whose, and by which code. */
export function Which({ draft, set }: Props) {
  return (
    <>
      <label>
        Device
        <select
          required={!labelKeys(draft.label)}
          value={draft.device}
          onChange={(event) => set({ device: event.currentTarget.value, label: "" })}
        >
          <option value="">Choose one</option>
          {[...devices.value].map(([key, { value: device }]) => (
            <option key={key} value={key}>
              {titleOf(device) === device.dk ? device.dk : `${titleOf(device)} (${device.dk})`}
            </option>
          ))}
        </select>
      </label>
      <LabelField label="Or the text of its label" value={draft.label} set={(label) => set({ label })} />
      <label>
        User
        <select value={draft.user} onChange={(event) => set({ user: event.currentTarget.value })}>
          {world.value.users.map((user) => (
            <option key={user}>{user}</option>
          ))}
        </select>
      </label>
      <Code draft={draft} set={set} />
    </>
  );
}

function Matter({ draft, set }: Props) {
  const { matterInfo } = draft;
  return (
    <details>
      <summary>Matter</summary>
      <label class="choice">
        <input type="checkbox" checked={draft.matter} onChange={() => set({ matter: !draft.matter })} />
        It is a Matter device
      </label>
      {draft.matter && (
        <div class="pair">
          {MATTER_FIELDS.map(({ name, label }) => (
            <Text
              key={name}
              label={label}
              value={matterInfo[name] ?? ""}
              set={(text) => set({ matterInfo: { ...matterInfo, [name]: text } })}
            />
          ))}
        </div>
      )}
    </details>
  );
}

/** What the user says of it. */
export function About({ draft, set }: Props) {
  return (
    <>
      <Text label="Name" value={draft.name} set={(name) => set({ name })} />
      <div class="pair">
        <Text label="Family (fid)" value={draft.fid} set={(fid) => set({ fid })} />
        <Text label="Room (frid)" value={draft.frid} set={(frid) => set({ frid })} />
      </div>
      <fieldset>
        <legend>Capabilities</legend>
        <div class="choices">
          {CAPABILITIES.map(({ bit, word }) => (
            <label class="choice" key={word}>
              <input
                type="checkbox"
                checked={(draft.capabilities & bit) > 0}
                onChange={() => set({ capabilities: draft.capabilities ^ bit })}
              />
              {word}
            </label>
          ))}
        </div>
      </fieldset>
      <Matter draft={draft} set={set} />
    </>
  );
}
