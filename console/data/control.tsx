/** How a property is set: a switch, a slider, a choice or a line of text, as its thing model says. */
import { useState } from "preact/hooks";

import type { Property } from "../state/types.js";

interface Props {
  property: Property;
  value: unknown;
  disabled: boolean;
  write: (value: unknown) => void;
  /** Shows a value that is not sent yet. */
  hold: (value: unknown) => void;
}

const NUMBERS = ["INT", "FLOAT", "DOUBLE", "DATE"];
/** Of a slider, where the model has no step for a property that is no whole number. */
const PARTS = 100;

function Switch({ property: { name }, value, disabled, write }: Props) {
  const on = value === true;
  return (
    <button
      class="switch"
      role="switch"
      aria-checked={on}
      aria-label={name}
      disabled={disabled}
      onClick={() => write(!on)}
    >
      <span />
    </button>
  );
}

function Slider({ property, value, disabled, write, hold }: Props) {
  const { name, kind, min = 0, max = 0, step, unit = "" } = property;
  const shown = typeof value === "number" ? value : min;
  return (
    <input
      type="range"
      aria-label={name}
      aria-valuetext={`${shown}${unit && ` ${unit}`}`}
      min={min}
      max={max}
      step={step ?? (kind === "INT" ? 1 : (max - min) / PARTS)}
      value={shown}
      disabled={disabled}
      onInput={(event) => hold(event.currentTarget.valueAsNumber)}
      onChange={(event) => write(event.currentTarget.valueAsNumber)}
    />
  );
}

function Choice({ property: { name, values = [] }, value, disabled, write }: Props) {
  return (
    <select
      aria-label={name}
      disabled={disabled}
      value={typeof value === "number" ? value : ""}
      onChange={(event) => write(Number(event.currentTarget.value))}
    >
      {typeof value !== "number" && <option value="">–</option>}
      {values.map((one) => (
        <option key={one.value} value={one.value}>
          {one.name}
        </option>
      ))}
    </select>
  );
}

/** What is typed, as the value that is sent. @throws SyntaxError for what is no JSON where it must be */
function parsed(kind: Property["kind"], text: string): unknown {
  if (kind === "STRUCT" || kind === "ARRAY") return JSON.parse(text);
  return NUMBERS.includes(kind) ? Number(text) : text;
}

function Line({ property: { name, kind }, value, disabled, write }: Props) {
  const [typed, setTyped] = useState<string>();
  const [problem, setProblem] = useState("");
  const present = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
  const submit = (event: Event): void => {
    event.preventDefault();
    try {
      write(parsed(kind, typed ?? present));
      setTyped(undefined);
      setProblem("");
    } catch {
      setProblem("This is no JSON.");
    }
  };
  return (
    <form class="inline" onSubmit={submit}>
      <input
        aria-label={name}
        type={NUMBERS.includes(kind) ? "number" : "text"}
        step="any"
        required={NUMBERS.includes(kind)}
        autocomplete="off"
        value={typed ?? present}
        disabled={disabled}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button disabled={disabled}>Set</button>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

export function Control(props: Props) {
  const { kind, min, max } = props.property;
  if (kind === "BOOL") return <Switch {...props} />;
  if (kind === "ENUM") return <Choice {...props} />;
  const bounded = min !== undefined && max !== undefined;
  return bounded ? <Slider {...props} /> : <Line {...props} />;
}
