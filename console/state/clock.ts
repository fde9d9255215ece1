/** The time of now as a signal, for what counts down. */
import { signal } from "@preact/signals";

export const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), 500);
