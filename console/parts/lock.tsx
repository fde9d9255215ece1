/** Asks for the operator's token, once. */
import { useState } from "preact/hooks";

import { follow, state } from "../state/store.js";
import { keepToken, readToken } from "../state/token.js";

export function Lock() {
  const [token, setToken] = useState("");
  const refused = readToken() !== "";
  const submit = (event: Event): void => {
    event.preventDefault();
    keepToken(token.trim());
    state.value = "connecting";
    void follow();
  };
  return (
    <form class="card narrow" onSubmit={submit}>
      <h1>This cloud asks for its operator’s token</h1>
      <p class="quiet">
        The token is <code>"operator"</code> in the cloud's products file. It stays in this tab.
      </p>
      <label>
        Operator's token
        <input
          type="password"
          autocomplete="off"
          required
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      {refused && (
        <p class="problem" role="alert">
          The cloud has refused that token.
        </p>
      )}
      <button class="main">Open</button>
    </form>
  );
}
