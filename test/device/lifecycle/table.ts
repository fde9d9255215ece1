/** The life of every credential, event by event: docs/lifecycle.md shows this table, and the tests run each row of it. */

/** What the device has, in the order of the columns. */
export const CREDENTIALS = [
  "bindingCode",
  "bindingSecret",
  "DS",
  "Wi-Fi",
  "authKey",
  "random state",
  "lock-out",
] as const;
export type Credential = (typeof CREDENTIALS)[number];

/** What an event does to one of them: there is none, it stays, there was none, it is another, it is gone. */
export type Fate = "–" | "kept" | "made" | "new" | "cleared";
/** Whether the cloud takes it now; of a code that is gone, whether the cloud takes it still. */
export type Knowledge = "reported" | "not reported" | "withdrawn" | "not withdrawn";
export type Cell = Fate | `${Fate}, ${Knowledge}`;

/**
 * Where a row begins. `blank`: never had power. `fresh`: booted once. `online`: provisioned, nobody's. `bound`: bound,
 * after two wrong proofs of possession. Both of these have a code that is reported.
 */
export type Start = "blank" | "fresh" | "online" | "bound";

export interface Row {
  event: string;
  start: Start;
  cells: Cell[];
}

const row = (event: string, start: Start, ...cells: Cell[]): Row => ({ event, start, cells });

const KEPT: Cell[] = ["kept", "kept", "kept", "kept", "kept"];
const [CODE, SECRET]: Cell[] = ["kept, reported", "kept, reported"];
const [GONE, OLD_CODE, NEW_CODE]: Cell[] = ["cleared, withdrawn", "cleared, not withdrawn", "new, reported"];
const NEW_SECRET: Cell = "new, reported";
const NEW_IDENTITY: Cell[] = [OLD_CODE, "new, not reported"];

export const TABLE: Row[] = [
  row("first boot", "blank", "–", "made, not reported", "–", "–", "–", "made", "–"),
  row(
    "an app brings a network: authenticated, reported, acknowledged",
    "fresh",
    "made, reported",
    SECRET,
    "made",
    "made",
    "–",
    "kept",
    "–",
  ),
  row(
    "an app brings a network that does not work",
    "bound",
    OLD_CODE,
    SECRET,
    "kept",
    "kept",
    "kept",
    "kept",
    "cleared",
  ),
  row("`openWindow()`", "bound", NEW_CODE, SECRET, ...KEPT),
  row("`openWindow()` out of the cloud's reach", "bound", "new, not reported", SECRET, ...KEPT),
  row("… and the cloud is back", "bound", CODE, SECRET, ...KEPT),
  row("`closeWindow()`", "bound", GONE, SECRET, ...KEPT),
  row("`closeWindow()` out of the cloud's reach", "bound", OLD_CODE, SECRET, ...KEPT),
  row("… and the cloud is back again", "bound", GONE, SECRET, ...KEPT),
  row("the window ends", "bound", GONE, SECRET, ...KEPT),
  row("the window ends, with `autoRotate`", "online", NEW_CODE, SECRET, "kept", "kept", "–", "kept", "–"),
  row("an app reads the code", "bound", CODE, SECRET, "kept", "kept", "kept", "kept", "cleared"),
  row(
    "an app asks for the code less than 10 s before its end",
    "bound",
    NEW_CODE,
    SECRET,
    "kept",
    "kept",
    "kept",
    "kept",
    "cleared",
  ),
  row("bound: the code is spent", "online", GONE, SECRET, "kept", "kept", "made", "kept", "–"),
  row("bound by a second user", "bound", GONE, SECRET, ...KEPT),
  row("five wrong codes at the cloud", "bound", NEW_CODE, SECRET, ...KEPT),
  row("unbound", "bound", CODE, SECRET, "kept", "kept", "cleared", "kept", "kept"),
  row("`provision()`", "bound", CODE, SECRET, ...KEPT),
  row("`remove()`", "bound", CODE, SECRET, "kept", "cleared", "kept", "kept", "kept"),
  row("`reset()`", "bound", GONE, "new, not reported", "cleared", "cleared", "cleared", "kept", "kept"),
  row("… and an app brings a network", "bound", "made, reported", SECRET, "made", "made", "–", "kept", "cleared"),
  row("power cut, and boot", "bound", GONE, SECRET, "kept", "kept", "kept", "new", "kept"),
  row("the router goes away and comes back", "bound", CODE, SECRET, ...KEPT),
  row("the connection to the cloud breaks", "bound", CODE, SECRET, ...KEPT),
  row("the cloud gives another DS", "bound", CODE, NEW_SECRET, "new", "kept", "kept", "kept", "kept"),
  row("the cloud demands authentication", "bound", CODE, NEW_SECRET, "new", "kept", "kept", "kept", "kept"),
  row("the cloud refuses the DS: wrong (10437)", "bound", CODE, NEW_SECRET, "new", "kept", "kept", "kept", "kept"),
  row(
    "the cloud refuses the DS: none was issued (10438)",
    "bound",
    CODE,
    NEW_SECRET,
    "new",
    "kept",
    "kept",
    "kept",
    "kept",
  ),
  row("the cloud gives another PK and PS", "bound", CODE, NEW_SECRET, "new", "kept", "cleared", "kept", "kept"),
  row("the cloud sends it to another server", "bound", CODE, NEW_SECRET, "new", "kept", "kept", "kept", "kept"),
  row("… that is not there", "bound", CODE, SECRET, ...KEPT),
  row("the factory writes another PK", "bound", ...NEW_IDENTITY, "cleared", "kept", "cleared", "new", "kept"),
  row("the factory writes another PS", "bound", ...NEW_IDENTITY, "cleared", "kept", "cleared", "new", "kept"),
  row("the factory writes another DK", "bound", ...NEW_IDENTITY, "cleared", "kept", "cleared", "new", "kept"),
  row("the factory writes another DS", "bound", ...NEW_IDENTITY, "new", "kept", "cleared", "new", "kept"),
  row("a wrong proof of possession", "bound", CODE, SECRET, "kept", "kept", "kept", "kept", "new"),
  row("a fifth wrong proof: locked out", "bound", CODE, SECRET, "kept", "kept", "kept", "kept", "new"),
  row("… and a power cut", "bound", GONE, SECRET, "kept", "kept", "kept", "new", "kept"),
];

/** The table as docs/lifecycle.md has it, aligned as prettier does. */
export function render(): string {
  const lines = [
    ["event", "on a device", ...CREDENTIALS],
    ...TABLE.map(({ event, start, cells }) => [event, start, ...cells]),
  ];
  const widths = lines[0].map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  const text = (line: string[]): string => `| ${line.map((cell, at) => cell.padEnd(widths[at])).join(" | ")} |`;
  return [
    text(lines[0]),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...lines.slice(1).map(text),
  ].join("\n");
}
