/** Espruino's Wifi module, typed: a cloud hands it in as it is. */

/** One network of a scan. */
export interface Network {
  ssid: string;
  rssi: number | string;
  authMode: string;
  isHidden?: boolean;
}

/** Espruino's Wifi module, as far as it is used. Fields that look like numbers may be strings on ESP32. */
export interface Wifi {
  connect(ssid: string, options: { password?: string }, done: (error: string | null) => void): void;
  disconnect(done?: () => void): void;
  scan(done: (networks: Network[]) => void): void;
  startAP(
    ssid: string,
    options: { password?: string; authMode?: string; channel?: number },
    done: (error: string | null) => void,
  ): void;
  stopAP(done?: () => void): void;
  getIP(): { ip: string; netmask: string; gw: string; mac: string };
  getAPIP(): { ip: string };
  getDetails(): { rssi?: number | string; ssid?: string };
  setHostname?(name: string): void;
  on(event: "associated", listener: () => void): void;
  on(event: "connected", listener: (details: { ip: string }) => void): void;
  on(event: "disconnected", listener: (details: { ssid: string; reason: string; msg: string }) => void): void;
}
