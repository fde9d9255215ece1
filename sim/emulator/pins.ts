/**
 * Espruino's pins as far as a button, a light and a sleep need them, as a module that Espruino itself can run: the emulator
 * and the real interpreter both load this text from Storage. BTN1 is D0 and LED1 is D2, as on ESP32; a button is low
 * while it is pressed. A light prints each change. A watch tells an edge when the level has lasted its `debounce`.
 */

/** Storage file of the module; where it is, the device has pins. */
export const PINS_MODULE_NAME = "Pins";

/** The host's hand on the pins of a device. */
export interface Pins {
  /** Presses a button. @param milliseconds that it is held, default 100 */
  press(button?: string, milliseconds?: number): Promise<void>;
  /** The level of a pin, 0 or 1. */
  read(pin: string): Promise<number>;
}

export const PINS_MODULE = String.raw`
const SAME = { LED1: "D2", BTN1: "D0" };
let levels = { D0: 1, BTN2: 1, BTN3: 1 }, watches = {}, count = 0;

function nameOf(pin) {
  const name = pin._pin || String(pin);
  return SAME[name] || name;
}

function settled(id) {
  const watch = watches[id], last = watch.time, level = levels[watch.name] || 0;
  watch.timer = undefined;
  if (level == watch.level) return;
  watch.level = level;
  watch.time = getTime();
  if (watch.edge != "both" && (watch.edge != "falling") != level > 0) return;
  if (!watch.repeat) delete watches[id];
  watch.call({ state: level > 0, time: watch.time, lastTime: last, pin: watch.pin });
}

function change(name, value) {
  const level = value ? 1 : 0;
  if ((levels[name] || 0) == level) return;
  levels[name] = level;
  Object.keys(watches).forEach(function (id) {
    const watch = watches[id];
    if (watch.name != name) return;
    if (watch.timer) clearTimeout(watch.timer);
    watch.timer = setTimeout(settled, watch.debounce, id);
  });
  if (name == "D2") name = "LED1";
  if (name.substr(0, 3) == "LED") print(name + (level ? " on" : " off"));
}

function read(pin) {
  return levels[nameOf(pin)] || 0;
}

function make(name) {
  global[name] = {
    _pin: name,
    read: function () { return read(name) > 0; },
    write: function (value) { change(nameOf(name), value); },
    set: function () { change(nameOf(name), 1); },
    reset: function () { change(nameOf(name), 0); },
    toggle: function () { change(nameOf(name), !read(name)); return read(name) > 0; },
    mode: function () {}
  };
}

["LED1", "LED2", "LED3", "BTN1", "BTN2", "BTN3"].forEach(make);
global.pinMode = function () {};
global.digitalRead = read;
global.digitalWrite = function (pin, value) { change(nameOf(pin), value); };
global.analogWrite = global.digitalWrite;
global.setWatch = function (call, pin, options) {
  const o = typeof options == "object" ? options : { repeat: options };
  watches[++count] = {
    call: call, pin: pin, name: nameOf(pin), level: read(pin), time: getTime(),
    repeat: o.repeat, edge: o.edge || "rising", debounce: o.debounce || 0
  };
  return count;
};
global.clearWatch = function (id) {
  if (id === undefined) watches = {};
  else if (watches[id]) {
    if (watches[id].timer) clearTimeout(watches[id].timer);
    delete watches[id];
  }
};
global.ESP32 = {
  deepSleep: function (us) {
    print("asleep for " + us / 1000000 + " s");
    setTimeout(load, us / 1000);
  }
};
exports.change = function (pin, value) { change(nameOf(pin), value); };
`;

/** Milliseconds between two presses. */
const BETWEEN = 100;

/** @param evaluate evaluates an expression on the device */
export function pinsOf(evaluate: (expression: string) => Promise<unknown>): Pins {
  const set = (pin: string, level: number): Promise<unknown> =>
    evaluate(`require("${PINS_MODULE_NAME}").change("${pin}",${level})`);
  return {
    async press(button = "BTN1", milliseconds = 100) {
      await set(button, 0);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      await set(button, 1);
      // A press that follows at once would be taken for a contact that bounces.
      await new Promise((resolve) => setTimeout(resolve, BETWEEN));
    },
    read: async (pin) => Number(await evaluate(`digitalRead("${pin}")`)),
  };
}
