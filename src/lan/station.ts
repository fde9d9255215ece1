/** The device as a Wi-Fi station: joins one network, says why it could not, and notices when it is gone. */

import { FAIL_NO_ADDRESS, FAIL_NO_NETWORK, FAIL_PASSWORD } from "../codec/commands.js";
import type { Platform, Timer } from "../platform.js";

/** Milliseconds that joining may take. Espruino tries three times before it reports a failure. */
const JOIN_TIMEOUT = 15000;

/** Names that Espruino gives to reasons, parts of which tell that the password was refused. */
const PASSWORD_REASONS = ["HANDSHAKE", "AUTH_FAIL", "MIC_FAILURE", "AUTH_EXPIRE", "4WAY"];

function reasonOf(error: string): number {
  const refused = PASSWORD_REASONS.some((name) => error.indexOf(name) >= 0);
  return refused ? FAIL_PASSWORD : FAIL_NO_NETWORK;
}

export class Station {
  private _joined = false;
  private _attempt = 0;
  private _associated = false;
  private _timer: Timer | undefined;

  /** @param lost called when a network that was joined is gone */
  constructor(
    private _platform: Platform,
    lost: () => void,
  ) {
    const wifi = _platform.wifi();
    wifi.on("associated", () => {
      this._associated = true;
    });
    wifi.on("disconnected", () => {
      if (!this._joined) return;
      this._joined = false;
      lost();
    });
  }

  /** Joins a network. @param done told once: 0, or FAIL_NO_NETWORK, FAIL_PASSWORD, FAIL_NO_ADDRESS */
  join(ssid: string, password: string, done: (problem: number) => void): void {
    const attempt = ++this._attempt;
    const settle = (problem: number): void => {
      if (attempt != this._attempt) return;
      this._attempt++;
      this._platform.cancel(this._timer);
      this._joined = !problem;
      done(problem);
    };
    this._joined = false;
    this._associated = false;
    this._platform.cancel(this._timer);
    this._timer = this._platform.after(JOIN_TIMEOUT, () => {
      const problem = this._associated ? FAIL_NO_ADDRESS : FAIL_NO_NETWORK;
      this._platform.wifi().disconnect();
      settle(problem);
    });
    this._platform.wifi().connect(ssid, { password: password }, (error) => settle(error ? reasonOf(error) : 0));
  }

  /** Leaves the network, or gives up joining one. No event follows. */
  leave(): void {
    this._attempt++;
    this._platform.cancel(this._timer);
    this._joined = false;
    this._platform.wifi().disconnect();
  }
}
