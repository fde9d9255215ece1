/**
 * Bluetooth LE, a module of its own: `require("WifiBindingBle").start(require("WifiBinding"))`. The same handshake over
 * service 180A, characteristic 9C40 [P]. Like espruino-platform.ts it names Espruino's globals.
 */

const SERVICE = 0x180a;
const CHARACTERISTIC = 0x9c40;
/** Bytes of one write or indication: the ATT default of 23 less its header. Espruino does not tell what was agreed on. */
const PIECE = 20;
/** Milliseconds between two indications: Espruino does not wait for their confirmation, and a radio has its rhythm. [C] */
const PACE = 30;
/** Bytes that may wait for an app; one that takes nothing is cut off. */
const MOST_WAITING = 4096;
/** Company of the manufacturer data: none. [C] */
const COMPANY = 0xffff;
/** Bytes of the ProductKey in it [P]. */
const PK_BYTES = 6;
const CAPABILITY_BLE = 4;

interface Link {
  send(bytes: string): void;
  end(): void;
}

interface LinkEvents {
  received(bytes: string): void;
  closed(): void;
}

/** The part of WifiBinding that this module uses. */
export interface Core {
  identity(): { pk: string };
  state(): string;
  on(event: string, listener: () => void): void;
  attach(link: Link): LinkEvents;
  advertise(bit: number, on: boolean): void;
}

let core: Core | undefined;
let app: LinkEvents | undefined;
let waiting = "";
let timer: number | undefined;

/** Services as NRF takes them: by their numbers. */
function services(characteristic: object): object {
  const service: Record<number, object> = {};
  const all: Record<number, object> = {};
  service[CHARACTERISTIC] = characteristic;
  all[SERVICE] = service;
  return all;
}

/** Sends one piece, and the next after a while. */
function pump(): void {
  timer = undefined;
  if (!waiting) return;
  const piece = waiting.substr(0, PIECE);
  waiting = waiting.substr(PIECE);
  NRF.updateServices(services({ value: piece, indicate: true }));
  timer = setTimeout(pump, PACE);
}

const link: Link = {
  send(bytes) {
    waiting += bytes;
    if (waiting.length > MOST_WAITING) link.end();
    else if (timer === undefined) pump();
  },
  end() {
    waiting = "";
    NRF.disconnect();
  },
};

function disconnected(): void {
  const gone = app;
  app = undefined;
  waiting = "";
  if (gone) gone.closed();
}

function connected(): void {
  disconnected();
  if (core) app = core.attach(link);
}

/** The MAC as bytes; the address may say its kind behind a space. */
function mac(): string {
  return NRF.getAddress()
    .substr(0, 17)
    .split(":")
    .map((byte) => String.fromCharCode(parseInt(byte, 16)))
    .join("");
}

/** MAC and PK while the device is free, the MAC alone once it is somebody's. */
function advertise(): void {
  if (!core) return;
  const pk = core.state() == "bound" ? "" : core.identity().pk.substr(0, PK_BYTES);
  NRF.setAdvertising({}, { showName: false, manufacturer: COMPANY, manufacturerData: mac() + pk });
}

/**
 * Serves apps from now on, one at a time. The Bluetooth REPL that Espruino leaves open is off after that.
 * @param binding what `require("WifiBinding")` gives, started
 * @throws Error where the build has no Bluetooth
 */
export function start(binding: Core): void {
  if (typeof NRF == "undefined") throw new Error("this build of Espruino has no Bluetooth");
  const first = !core;
  core = binding;
  if (first) {
    const characteristic = {
      maxLen: PIECE,
      writable: true,
      indicate: true,
      onWrite: (event: { data: ArrayBuffer }) => {
        if (app) app.received(E.toString(event.data));
      },
    };
    NRF.setServices(services(characteristic), { uart: false });
    NRF.on("connect", connected);
    NRF.on("disconnect", disconnected);
    binding.on("state", advertise);
  }
  advertise();
  binding.advertise(CAPABILITY_BLE, true);
}
