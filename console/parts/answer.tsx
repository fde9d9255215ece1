/** The cloud's answer to a call: its code, and of a refusal the cause and the next thing to look at. */
import codes from "virtual:status-codes";
import type { Envelope } from "../state/types.js";

export function Answer({ answer }: { answer: Envelope }) {
  const { code, msg, extMsg } = answer;
  const good = code === 200;
  const known = codes[code];
  return (
    <section class={good ? "answer good" : "answer bad"} role="status" aria-label="answer of the cloud">
      <p class="code">{code || "–"}</p>
      <div>
        <h3>{msg}</h3>
        {extMsg && <p>{extMsg}</p>}
        {!good && known && (
          <dl>
            <dt>Cause</dt>
            <dd>{known.cause}</dd>
            <dt>Look at</dt>
            <dd>{known.look}</dd>
          </dl>
        )}
      </div>
    </section>
  );
}
