/** Every frame, live and in both directions: a list with filters, and the chosen one decoded. */
import { computed, signal } from "@preact/signals";

import { load, save } from "../traffic/file.js";
import { List } from "../traffic/list.js";
import { FrameDetail } from "../traffic/frame.js";
import { kindOf, type Row } from "../traffic/row.js";
import { plain } from "../parts/words.js";
import { chosen, show, TAP } from "../state/route.js";
import { addRows, clearRows, devices, held, MOST, pause, paused, rows, world } from "../state/store.js";
import { ownerOf } from "../state/types.js";

const command = signal("");
const picked = signal<Row | undefined>(undefined);
const problem = signal("");
const notes = signal<string[]>([]);

const commands = computed(() => {
  const found = new Map(rows.value.map((row) => [kindOf(row), row.cmd ? `${row.cmd} ${row.name}` : row.name]));
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
});
/** Devices that the cloud knows, and what else the frames are of. */
const owners = computed(() => [...new Set([...devices.value.keys(), ...rows.value.map(ownerOf)])].filter(Boolean));
const shown = computed(() =>
  rows.value.filter(
    (row) => (!chosen.value || ownerOf(row) === chosen.value) && (!command.value || kindOf(row) === command.value),
  ),
);

function forget(): void {
  clearRows();
  picked.value = undefined;
  problem.value = "";
  notes.value = [];
}

async function open(input: HTMLInputElement): Promise<void> {
  const file = input.files?.[0];
  input.value = "";
  if (!file) return;
  try {
    const loaded = await load(file, MOST);
    pause(false);
    forget();
    command.value = "";
    if (chosen.peek()) show("traffic", "");
    addRows(loaded.rows);
    pause(true);
    notes.value = loaded.notes;
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
          {owners.value.map((key) => (
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
          {commands.value.map(([kind, name]) => (
            <option key={kind} value={kind}>
              {name}
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
        {paused.value ? `Resume (${held.value.length} new)` : "Pause"}
      </button>
      <button onClick={forget}>Clear</button>
      <button onClick={() => save(shown.value)}>Save</button>
      <label class="button">
        Load
        <input type="file" onChange={(event) => void open(event.currentTarget)} />
      </label>
    </div>
  );
}

/** What can be done while no frame is chosen. */
function hint(): string {
  if (shown.value.length) return "Choose a frame to see what is in it.";
  if (rows.value.length) return "No frame passes these filters.";
  return TAP ? "Nothing has passed yet: connect the device or the app to the tap." : "No frame has passed yet.";
}

export function TrafficView() {
  return (
    <>
      <div class="head">
        <h1>Traffic</h1>
        <p class="quiet">
          {world.value.between && `${plain(world.value.between)}. `}
          {shown.value.length} frames. Secrets are masked by *.
        </p>
      </div>
      <Tools />
      <p class="quiet" role="status" aria-label="what is shown">
        {notes.value.join(" ")}
      </p>
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
            <p class="card quiet">{hint()}</p>
          )}
        </div>
      </div>
    </>
  );
}
