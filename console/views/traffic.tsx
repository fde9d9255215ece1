/** Every frame, live and in both directions: a list with filters, and the chosen one decoded. */
import { computed, signal } from "@preact/signals";

import { parse, save } from "../traffic/file.js";
import { List } from "../traffic/list.js";
import { FrameDetail } from "../traffic/frame.js";
import type { Row } from "../traffic/row.js";
import { chosen, show } from "../state/route.js";
import { addRows, clearRows, devices, held, pause, paused, rows } from "../state/store.js";
import { keyOf } from "../state/types.js";

const command = signal("");
const picked = signal<Row | undefined>(undefined);
const problem = signal("");

const commands = computed(() => {
  const found = new Map(rows.value.map(({ cmd, name }) => [cmd, name]));
  return [...found].flatMap(([cmd, name]) => (cmd ? [{ cmd, name }] : [])).sort((a, b) => (a.cmd < b.cmd ? -1 : 1));
});
const shown = computed(() =>
  rows.value.filter(
    (row) => (!chosen.value || keyOf(row) === chosen.value) && (!command.value || row.cmd === command.value),
  ),
);

async function load(input: HTMLInputElement): Promise<void> {
  const file = input.files?.[0];
  input.value = "";
  if (!file) return;
  try {
    const loaded = parse(await file.text());
    pause(false);
    clearRows();
    addRows(loaded);
    pause(true);
    problem.value = "";
  } catch (error) {
    problem.value = (error as Error).message;
  }
}

function Filters() {
  return (
    <>
      <label>
        Device
        <select value={chosen.value} onChange={(event) => show("traffic", event.currentTarget.value)}>
          <option value="">All</option>
          {[...devices.value.keys()].map((key) => (
            <option key={key} value={key}>
              {key}
            </option>
          ))}
        </select>
      </label>
      <label>
        Command
        <select value={command.value} onChange={(event) => (command.value = event.currentTarget.value)}>
          <option value="">All</option>
          {commands.value.map(({ cmd, name }) => (
            <option key={cmd} value={cmd}>
              {cmd} {name}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

function Tools() {
  return (
    <div class="tools">
      <Filters />
      <button aria-pressed={paused.value} onClick={() => pause(!paused.value)}>
        {paused.value ? `Go on (${held.value.length} new)` : "Pause"}
      </button>
      <button onClick={clearRows}>Clear</button>
      <button onClick={() => save(shown.value)}>Save</button>
      <label class="button">
        Load
        <input type="file" accept=".jsonl,.json,.txt" onChange={(event) => void load(event.currentTarget)} />
      </label>
    </div>
  );
}

export function TrafficView() {
  return (
    <>
      <div class="head">
        <h1>Traffic</h1>
        <p class="quiet">{shown.value.length} frames. Secrets are masked by *.</p>
      </div>
      <Tools />
      {problem.value && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      <div class="columns wide">
        <List rows={shown.value} picked={picked.value} pick={(row) => (picked.value = row)} />
        <div class="side">
          {picked.value ? (
            <FrameDetail key={`${picked.value.number} ${picked.value.time}`} row={picked.value} />
          ) : (
            <p class="card quiet">Choose a frame to see what is in it.</p>
          )}
        </div>
      </div>
    </>
  );
}
