/**
 * Espruino's `Wifi` on ESP32 over a simulated radio, as a module that Espruino itself can run: the emulator and the
 * real interpreter both load this text from Storage, so that the radio is the same in both.
 *
 * After libs/network/esp32/jswrap_esp32_network.c: three attempts at joining; `disconnected` comes before the
 * callback's error and the callback before `connected`; numbers in events are strings; `disconnect` calls back at once
 * and, when it was connected, once more. Names and passwords are bytes. Kinder than that source in one thing: there,
 * `connect` cuts a name of 32 bytes and a key of 64 digits by one.
 */

import { pbkdf2Sync } from "node:crypto";

import type { AccessPoint } from "../engine.js";

/** Storage file with the world around the antenna. */
export const RADIO_FILE = ".radio";
export const WIFI_MODULE_NAME = "Wifi";

/** A network in the radio file. Names and passwords are bytes in base64, which every build reads as they are. */
interface RadioNetwork extends Omit<AccessPoint, "ssid" | "password"> {
  ssid: string;
  password: string;
  /** The key that stands for the password, as 64 hexadecimal digits. */
  psk?: string;
  rssi: number;
  authMode: string;
}

/** What the radio file says. Everything that is constant is here and not in the module, where it would take RAM. */
interface RadioWorld {
  /** Address that every network gives to the device. */
  host: string;
  joinDelay: number;
  networks: RadioNetwork[];
  reasons: Record<number, string>;
  mac: string;
  /** Address of an interface that is down. */
  nowhere: string;
}

/** Reasons of ESP-IDF that the radio gives, with Espruino's names of them. */
const REASONS = { 8: "ASSOC_LEAVE", 15: "4WAY_HANDSHAKE_TIMEOUT", 200: "BEACON_TIMEOUT", 201: "NO_AP_FOUND" };
const JOIN_DELAY = 50;

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const KEY = /^[0-9a-f]{64}$/i;

/** Keys that were made, by name and password: each takes some milliseconds. */
const keys = new Map<string, string>();

/** The key of a network with a password (IEEE 802.11-2020, annex J.4); a password of 64 digits is one. */
function keyOf(ssid: string, password: string): string {
  if (KEY.test(password)) return password.toLowerCase();
  const name = JSON.stringify([ssid, password]);
  const key = keys.get(name) ?? pbkdf2Sync(password, ssid, 4096, 32, "sha1").toString("hex");
  keys.set(name, key);
  return key;
}

function networkOf(network: AccessPoint): RadioNetwork {
  const { ssid, password = "", rssi = -50, authMode = password ? "wpa2" : "open" } = network;
  const psk = password ? keyOf(ssid, password) : undefined;
  return { ...network, ssid: base64(ssid), password: base64(password), psk, rssi, authMode };
}

/** Text of the radio file for these networks. */
export function radioFile(host: string, networks: AccessPoint[] = [], joinDelay = JOIN_DELAY): string {
  const world: RadioWorld = {
    host,
    joinDelay,
    networks: networks.map(networkOf),
    reasons: REASONS,
    mac: "24:0a:c4:00:00:01",
    nowhere: "0.0.0.0",
  };
  return JSON.stringify(world);
}

/** Host side of the module: expressions for `Device.eval`. */
export const radioCalls = {
  changed: 'require("Wifi").emit("_world")',
  softAp: 'require("Wifi")._ap||null',
  station: 'require("Wifi")._up||null',
};

export const WIFI_MODULE = String.raw`
let ssid, password, joined, joining, leaving, scanning, onAp;
let retries = 0;
let reason = 0;
let hostname = "espruino";
let powersave = "modem";

function world() {
  return require("Storage").readJSON(".radio");
}

function find(name) {
  const ssid = btoa(name);
  return world().networks.filter(function (one) { return one.ssid == ssid; })[0];
}

function bytes(text, most) {
  return atob(btoa(text)).substr(0, most);
}

function opens(network) {
  if (password.length == 64) return password.toLowerCase() == network.psk;
  return btoa(password) == network.password;
}

function needFunction(callback) {
  if (callback !== undefined && typeof callback != "function") {
    throw new Error("Expecting callback function but got " + callback);
  }
}

function later(callback, value) {
  if (callback) setTimeout(callback, 0, value);
}

function info(up, ip, netmask, gw, callback) {
  const w = world();
  const o = { ip: up ? ip : w.nowhere, netmask: up ? netmask : w.nowhere, gw: up ? gw : w.nowhere, mac: w.mac };
  if (callback) setTimeout(callback, 0, null, o);
  return o;
}

function attempt() {
  const name = ssid;
  setTimeout(function () {
    if (name != ssid || joined || !retries) return;
    const network = find(ssid);
    if (!network) lost(201);
    else if (!opens(network)) lost(15);
    else associated(network);
  }, world().joinDelay);
}

function associated(network) {
  joined = network;
  exports.emit("associated", { ssid: ssid, mac: world().mac, channel: "6" });
  if (network.dhcp === false) return;
  exports._up = ssid;
  const callback = joining;
  joining = undefined;
  later(callback, null);
  setTimeout(function () { exports.emit("connected", exports.getIP()); }, 0);
}

function lost(code) {
  const name = ssid;
  joined = exports._up = undefined;
  if (--retries > 0) {
    attempt();
    return;
  }
  const w = world();
  retries = 0;
  reason = code;
  later(leaving);
  leaving = undefined;
  exports.emit("disconnected", { ssid: name, mac: w.mac, reason: "" + code, msg: w.reasons[code] });
  later(joining, w.reasons[code]);
  joining = undefined;
}

exports.on("_world", function () {
  const network = joined && find(ssid);
  if (joined && (!network || !opens(network))) lost(200);
});

exports.connect = function (name, options, callback) {
  if (typeof name != "string") throw new Error("No SSID provided");
  if (options !== undefined && (options === null || typeof options != "object")) {
    throw new Error("Expecting Object, got " + typeof options);
  }
  joining = leaving = undefined;
  needFunction(callback);
  const key = options && options.password;
  if (key !== undefined && typeof key != "string") {
    throw new Error("Expecting options.password to be a string but got " + typeof key);
  }
  ssid = bytes(name, 32);
  password = bytes(key || "", 64);
  joining = callback;
  retries = 3;
  if (joined) lost(8);
  else attempt();
};

exports.disconnect = function (callback) {
  needFunction(callback);
  leaving = callback;
  retries = 0;
  later(callback);
  if (joined) setTimeout(lost, 0, 8);
};

exports.scan = function (callback) {
  if (scanning) throw new Error("A scan is already in progress");
  if (typeof callback != "function") throw new Error("Expecting callback function but got " + callback);
  scanning = callback;
  setTimeout(function () {
    const done = scanning, w = world();
    scanning = undefined;
    done(w.networks.map(function (one) {
      const ssid = one.hidden ? "" : atob(one.ssid);
      return { rssi: one.rssi, authMode: one.authMode, ssid: ssid, mac: w.mac, channel: "6" };
    }));
  }, world().joinDelay);
};

exports.startAP = function (name, options, callback) {
  needFunction(callback);
  if (typeof name != "string") throw new Error("No SSID");
  const o = options || {};
  const key = o.password;
  if (key !== undefined && (typeof key != "string" || bytes(key, 64).length < 8)) {
    throw new Error("Password must be string of at least 8 characters");
  }
  const mode = o.authMode || (key ? "wpa2" : "open");
  if (["open", "wpa", "wpa2", "wpa_wpa2"].indexOf(mode) < 0) throw new Error("Unknown authMode value");
  if (mode != "open" && !key) throw new Error("Password not set but authMode not open");
  if (mode == "open" && key) throw new Error("Auth mode set to open but password supplied");
  onAp = callback;
  setTimeout(function () {
    exports._ap = { ssid: bytes(name, 32), password: bytes(key || "", 63), authMode: mode };
    later(onAp, null);
    onAp = undefined;
  }, 0);
};

exports.stopAP = function (callback) {
  needFunction(callback);
  exports._ap = undefined;
  later(callback);
};

exports.getIP = function (callback) {
  return info(exports._up, world().host, "255.0.0.0", "127.0.0.1", callback);
};

exports.getAPIP = function (callback) {
  return info(exports._ap, "192.168.4.1", "255.255.255.0", "192.168.4.1", callback);
};

exports.getStatus = function () {
  const w = world();
  const status = joined
    ? {
        station: "connected", ssid: ssid, bssid: w.mac, channel: 6, rssi: joined.rssi, htMode: "HT20",
        authMode: joined.authMode
      }
    : { station: w.reasons[reason] || "Unknown reason" };
  status.mode = exports._ap ? (joined ? "APSTA" : "AP") : joined ? "STA" : "NULL";
  status.powersave = powersave;
  return status;
};

exports.getDetails = function (callback) {
  const details = joined
    ? { ssid: ssid, password: password, status: "connected", authMode: joined.authMode }
    : { status: world().reasons[reason] || "Unknown reason" };
  later(callback, details);
  return details;
};

exports.getAPDetails = function (callback) {
  const ap = exports._ap || { ssid: "", password: "", authMode: "open" };
  const details = { authMode: ap.authMode, hidden: false, maxConn: 4, ssid: ap.ssid, password: ap.password };
  later(callback, details);
  return details;
};

exports.setConfig = function (settings) {
  if (settings.powersave) powersave = settings.powersave;
};

exports.getHostname = function (callback) {
  later(callback, hostname);
  return hostname;
};

exports.setHostname = function (name, callback) {
  hostname = name;
  later(callback, null);
};
`;
