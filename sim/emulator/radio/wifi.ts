/**
 * Espruino's `Wifi` on ESP32 over a simulated radio, as a module that Espruino itself can run: the emulator and the
 * real interpreter both load this text from Storage, so that the radio is the same in both.
 *
 * After libs/network/esp32/jswrap_esp32_network.c: three attempts at joining; `disconnected` comes before the
 * callback's error and the callback before `connected`; numbers in events are strings; `disconnect` calls back at once
 * and, when it was connected, once more.
 */

import type { AccessPoint } from "../engine.js";

/** Storage file with the world around the antenna. */
export const RADIO_FILE = ".radio";
export const WIFI_MODULE_NAME = "Wifi";

export interface RadioWorld {
  /** Address that every network gives to the device. */
  host: string;
  joinDelay: number;
  networks: AccessPoint[];
}

/** Address of the device in its own network (ESP-IDF's default). */
export const AP_ADDRESS = "192.168.4.1";

/** Host side of the module: expressions for `Device.eval`. */
export const radioCalls = {
  changed: 'require("Wifi").emit("_world")',
  softAp: 'require("Wifi").emit&&require("Wifi")._ap||null',
  station: 'require("Wifi")._up||null',
};

export const WIFI_MODULE = String.raw`
const REASONS = { 8: "ASSOC_LEAVE", 15: "4WAY_HANDSHAKE_TIMEOUT", 200: "BEACON_TIMEOUT", 201: "NO_AP_FOUND" };
const MAC = "24:0a:c4:00:00:01";
const NOWHERE = "0.0.0.0";
const world = () => require("Storage").readJSON(".radio");
let ssid, password, joined, given, joining, leaving, scanning, onAp;
let retries = 0;
let reason = 0;
let hostname = "espruino";
let powersave = "modem";

exports._ap = undefined;
exports._up = undefined;

const find = (name) => world().networks.filter((one) => one.ssid == name)[0];
const auth = (one) => one.password ? "wpa2" : "open";
const rssi = (one) => one.rssi === undefined ? -50 : one.rssi;
const needFunction = (callback) => {
  if (callback !== undefined && typeof callback != "function") {
    throw new Error("Expecting callback function but got " + callback);
  }
};
const later = (callback, value) => {
  if (callback) setTimeout(callback, 0, value);
};

const associated = () => {
  joined = find(ssid);
  exports.emit("associated", { ssid: ssid, mac: MAC, channel: "6" });
  if (joined.dhcp === false) return;
  given = { ip: world().host, netmask: "255.0.0.0", gw: "127.0.0.1" };
  exports._up = ssid;
  const callback = joining;
  joining = undefined;
  later(callback, null);
  setTimeout(() => exports.emit("connected", given), 0);
};

const attempt = () => {
  const name = ssid;
  setTimeout(() => {
    if (name != ssid || joined || !retries) return;
    const network = find(ssid);
    if (!network) lost(201);
    else if ((network.password || "") != password) lost(15);
    else associated();
  }, world().joinDelay);
};

const lost = (code) => {
  const name = ssid;
  joined = given = exports._up = undefined;
  if (--retries > 0) {
    attempt();
    return;
  }
  retries = 0;
  reason = code;
  const gone = leaving;
  leaving = undefined;
  later(gone);
  exports.emit("disconnected", { ssid: name, mac: MAC, reason: "" + code, msg: REASONS[code] });
  const callback = joining;
  joining = undefined;
  later(callback, REASONS[code]);
};

exports.on("_world", () => {
  const network = joined && find(ssid);
  if (joined && (!network || (network.password || "") != password)) lost(200);
});

exports.connect = (name, options, callback) => {
  if (typeof name != "string") throw new Error("No SSID provided");
  if (options !== undefined && (options === null || typeof options != "object")) {
    throw new Error("Expecting Object, got " + typeof options);
  }
  joining = undefined;
  needFunction(callback);
  leaving = undefined;
  const key = options && options.password;
  if (key !== undefined && typeof key != "string") {
    throw new Error("Expecting options.password to be a string but got " + typeof key);
  }
  const wasJoined = joined;
  ssid = name.substr(0, 32);
  password = (key || "").substr(0, 64);
  joining = callback;
  retries = 3;
  if (wasJoined) lost(8);
  else attempt();
};

exports.disconnect = (callback) => {
  needFunction(callback);
  leaving = callback;
  retries = 0;
  if (joined) setTimeout(lost, 0, 8);
  later(callback);
};

exports.scan = (callback) => {
  if (scanning) throw new Error("A scan is already in progress");
  if (typeof callback != "function") throw new Error("Expecting callback function but got " + callback);
  scanning = callback;
  setTimeout(() => {
    const done = scanning;
    scanning = undefined;
    done(world().networks.map((one) => {
      return { rssi: rssi(one), authMode: auth(one), ssid: one.hidden ? "" : one.ssid, mac: MAC, channel: "6" };
    }));
  }, world().joinDelay);
};

exports.startAP = (name, options, callback) => {
  needFunction(callback);
  if (typeof name != "string") throw new Error("No SSID");
  const o = options || {};
  const key = o.password;
  if (key !== undefined && (typeof key != "string" || key.length < 8)) {
    throw new Error("Password must be string of at least 8 characters");
  }
  const mode = o.authMode || (key ? "wpa2" : "open");
  if (["open", "wpa", "wpa2", "wpa_wpa2"].indexOf(mode) < 0) throw new Error("Unknown authMode value");
  if (mode != "open" && !key) throw new Error("Password not set but authMode not open");
  if (mode == "open" && key) throw new Error("Auth mode set to open but password supplied");
  onAp = callback;
  setTimeout(() => {
    exports._ap = { ssid: name.substr(0, 32), password: (key || "").substr(0, 63), authMode: mode };
    const done = onAp;
    onAp = undefined;
    if (done) done(null);
  }, 0);
};

exports.stopAP = (callback) => {
  needFunction(callback);
  exports._ap = undefined;
  later(callback);
};

exports.getIP = (callback) => {
  const ip = given || { ip: NOWHERE, netmask: NOWHERE, gw: NOWHERE };
  const info = { ip: ip.ip, netmask: ip.netmask, gw: ip.gw, mac: MAC };
  if (callback) setTimeout(callback, 0, null, info);
  return info;
};

exports.getAPIP = (callback) => {
  const ip = exports._ap ? "192.168.4.1" : NOWHERE;
  const info = { ip: ip, netmask: exports._ap ? "255.255.255.0" : NOWHERE, gw: ip, mac: "24:0a:c4:00:00:02" };
  if (callback) setTimeout(callback, 0, null, info);
  return info;
};

exports.getStatus = () => {
  const status = joined
    ? { station: "connected", ssid: ssid, bssid: MAC, channel: 6, rssi: rssi(joined), htMode: "HT20", authMode: auth(joined) }
    : { station: REASONS[reason] || "Unknown reason" };
  status.mode = exports._ap ? (joined ? "APSTA" : "AP") : joined ? "STA" : "NULL";
  status.powersave = powersave;
  return status;
};

exports.getDetails = (callback) => {
  const details = joined
    ? { ssid: ssid, password: password, status: "connected", authMode: auth(joined) }
    : { status: REASONS[reason] || "Unknown reason" };
  later(callback, details);
  return details;
};

exports.getAPDetails = (callback) => {
  const ap = exports._ap || { ssid: "", password: "", authMode: "open" };
  const details = { authMode: ap.authMode, hidden: false, maxConn: 4, ssid: ap.ssid, password: ap.password };
  later(callback, details);
  return details;
};

exports.setConfig = (settings) => {
  if (settings.powersave) powersave = settings.powersave;
};

exports.getHostname = (callback) => {
  later(callback, hostname);
  return hostname;
};

exports.setHostname = (name, callback) => {
  hostname = name;
  later(callback, null);
};
`;
