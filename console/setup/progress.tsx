/** The steps of a setup as a list. */
import type { Steps } from "./steps.js";

const MARKS = { running: "…", done: "✓", failed: "✗" } as const;
const WORDS = { running: "running", done: "done", failed: "failed" } as const;

export function Progress({ steps }: { steps: Steps }) {
  const list = steps.list.value;
  if (!list.length) return null;
  return (
    <ol class="steps" aria-live="polite">
      {list.map(({ title, state, detail }) => (
        <li key={title} class={state}>
          <span class="mark" role="img" aria-label={WORDS[state]}>
            {MARKS[state]}
          </span>
          <div>
            <b>{title}</b>
            {detail && <p class={state === "failed" ? "problem" : "quiet"}>{detail}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}
