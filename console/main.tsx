/** The console: draws the page and follows the cloud's feed. */
import "./shims/buffer.js";

import { render } from "preact";

import { App } from "./app.js";
import { follow } from "./state/store.js";

render(<App />, document.getElementById("app")!);
void follow();
