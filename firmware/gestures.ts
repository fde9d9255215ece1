/** The owner's ways back to setup: a button, and without one five short power cycles. */

import { boots, openWindow, provision, reset } from "../src/index.js";

/** What binding.json has for it, beside the options of `start`. */
export interface Gestures {
  /** The pin of a button to ground, "D0" say: short `openWindow`, 5 s `provision`, 10 s `reset`, when it is let go. */
  button?: string;
}

/** Milliseconds after which a press is a longer one. */
const LONGER = 5000;
/** Power cycles that open provisioning, and milliseconds that each lasts at most. */
const CYCLES = 5;
const SHORT = 10000;

/** Its functions are in it: a device without a button has none of them. */
function watchButton(name: string): void {
  // Names of a board, as BTN1, are globals only.
  const pin = (global[name] as Pin) || name;
  let length = 0; // of the press: 1 short, 2 long, 3 and more very long
  let timer = 0;

  // By a timer: the time of an edge jumps with the wall clock.
  const press = (): void => {
    length++;
    timer = setTimeout(press, LONGER);
  };

  pinMode(pin, "input_pullup");
  setWatch(
    (event) => {
      if (timer) clearTimeout(timer);
      timer = 0;
      if (!event.state) return press();
      if (length > 2) reset();
      else if (length > 1) provision();
      else if (length) openWindow();
      length = 0;
    },
    pin,
    { repeat: true, edge: "both", debounce: 50 },
  );
}

/** After `start`. @param button of the options */
export function watchGestures(button: string | undefined): void {
  if (button) watchButton(button);
  else if (boots() > CYCLES - 2) {
    boots(0);
    provision();
  } else {
    boots(boots() + 1);
    setTimeout(() => boots(0), SHORT);
  }
}
