/**
 * Espruino's `NRF` on ESP32 over a simulated Bluetooth radio, as a module that Espruino itself can run: the emulator and
 * the real interpreter both load this text from Storage.
 *
 * After targets/esp32/BLE and libs/bluetooth:
 * - An advertisement has at most 31 bytes. The elements of an array are joined to one; nothing takes turns by itself, and
 *   there is no scan response.
 * - Setting an advertisement starts to advertise, asleep or connected: then a second phone can connect, and indications
 *   go to that one. Each disconnection starts to advertise too.
 * - A write becomes the hidden value of its characteristic at once; its event follows, with the first 61 bytes. The queue
 *   of events has 4,096 bytes, and what does not fit is lost, acknowledged or not. An indication is a value too.
 * - Indications are cut to the MTU and need no subscription: it is the phone that drops them.
 * - `disconnect` ends only connections that the device has made; services are kept while a phone is connected.
 */

/** Storage file of the module; where it is, the device has Bluetooth. */
export const NRF_MODULE_NAME = "NRF";

/** Host side of the module: expressions for `Device.eval`. Bytes are base64, a phone is a number. */
export const nrfCalls = {
  advertisement: "NRF._advertisement()||null",
  connect: (mtu: number) => `NRF._connect(${mtu})`,
  subscribe: (phone: number) => `NRF._subscribe(${phone})`,
  write: (phone: number, bytes: string) => `NRF._write(${phone},"${bytes}")`,
  take: (phone: number) => `NRF._take(${phone})||null`,
  leave: (phone: number) => `NRF._leave(${phone})`,
};

export const NRF_MODULE = String.raw`
const HIDDEN = String.fromCharCode(255);
let services = {}, onAir = "", phones = {};
let count = 0, latest = 0, queued = 0;
let advertising = true, connected = false, restart = false;

if (!global[HIDDEN]) global[HIDDEN] = {};

function find(uuid) {
  let found;
  Object.keys(services).forEach(function (service) {
    Object.keys(services[service]).forEach(function (one) {
      if (Number(one) == Number(uuid)) found = services[service][one];
    });
  });
  return found;
}

function read(event) {
  queued -= event.data.byteLength + 5;
}

function sixteen(number) {
  return String.fromCharCode(number & 255, number >> 8 & 255);
}

function structure(sum, what, type, bytes) {
  if (sum.length + bytes.length + 2 > 31) throw new Error("Advertising data too long when adding " + what);
  return sum + String.fromCharCode(bytes.length + 1, type) + bytes;
}

function payload(data, o) {
  if (data && data.length !== undefined) return E.toString(data);
  let sum = "", uuids = "";
  if (o.flags !== false) sum = structure(sum, "flags", 1, o.discoverable === false ? "\x05" : "\x06");
  Object.keys(data || {}).forEach(function (uuid) {
    if (data[uuid] === undefined) uuids += sixteen(uuid);
    else sum = structure(sum, "Service", 22, sixteen(uuid) + E.toString(data[uuid]));
  });
  if (uuids) sum = structure(sum, "16 bit Service", 3, uuids);
  if (o.manufacturer === undefined || o.manufacturer) {
    const company = o.manufacturer === undefined ? 0x590 : o.manufacturer;
    sum = structure(sum, "Manufacturer data", 255, sixteen(company) + E.toString(o.manufacturerData || ""));
  }
  if (o.showName === undefined || o.showName) {
    const name = o.name || "Espruino ESP32";
    const left = 29 - sum.length;
    sum = structure(sum, "Name", name.length > left ? 8 : 9, name.substr(0, left));
  }
  return sum;
}

exports.setServices = function (data, o) {
  if (typeof data != "object") throw new Error("Expecting Object or undefined, got " + typeof data);
  exports._uart = !(o && o.uart === false);
  restart = connected;
  if (restart) {
    print("BLE Connected, queueing BLE restart for later");
    return;
  }
  services = data;
  delete global[HIDDEN].BLE_CHAR_V0;
  // Called by nobody in between, as on a chip.
  exports.removeAllListeners("_write");
  exports.on("_write", read);
  const known = find(0x9c40);
  if (known && known.onWrite) exports.on("_write", known.onWrite);
};

exports.updateServices = function (data) {
  if (restart) throw new Error("Can't update services until BLE restart");
  Object.keys(data).forEach(function (service) {
    Object.keys(data[service]).forEach(function (uuid) {
      const known = find(uuid);
      const update = data[service][uuid];
      if (!known) throw new Error("Unable to find service with UUID " + uuid);
      if (!update.value) return;
      global[HIDDEN].BLE_CHAR_V0 = update.value;
      const phone = phones[latest];
      if (update.indicate && phone && phone.on) phone.out.push(btoa(update.value.substr(0, phone.mtu - 3)));
    });
  });
};

exports.setAdvertising = function (data, o) {
  let bytes = "";
  if (Array.isArray(data) && data.some(function (one) { return typeof one == "object"; })) {
    data.forEach(function (one) { bytes += payload(one, o || {}); });
  } else bytes = payload(data, o || {});
  if (bytes.length > 31) throw new Error("BLE: ESP_ERR_INVALID_ARG");
  onAir = bytes;
  advertising = true;
};

exports.disconnect = function () {};

exports.getSecurityStatus = function () {
  return { connected: connected, advertising: advertising };
};

exports.sleep = function () {
  advertising = false;
};

exports.wake = function () {
  advertising = true;
};

exports._advertisement = function () {
  return advertising && btoa(onAir);
};

exports._connect = function (mtu) {
  if (!advertising) return 0;
  advertising = false;
  connected = true;
  latest = ++count;
  phones[latest] = { mtu: mtu, out: [], on: false };
  exports.emit("connect", "c0:00:00:00:00:01");
  return latest;
};

exports._subscribe = function (phone) {
  if (phones[phone]) phones[phone].on = true;
  return !!phones[phone];
};

exports._write = function (phone, base64) {
  const known = find(0x9c40);
  if (!phones[phone] || !known || !known.writable) return false;
  const bytes = atob(base64);
  const event = bytes.substr(0, 61);
  global[HIDDEN].BLE_CHAR_V0 = bytes;
  if (queued + event.length + 5 >= 4096) return true;
  queued += event.length + 5;
  exports.emit("_write", { data: event ? E.toArrayBuffer(event) : new ArrayBuffer(0) });
  return true;
};

exports._take = function (phone) {
  const one = phones[phone];
  if (!one) return undefined;
  const all = one.out;
  one.out = [];
  return all;
};

exports._leave = function (phone) {
  if (!phones[phone]) return;
  delete phones[phone];
  connected = false;
  advertising = true;
  exports.emit("disconnect", 19);
};
`;
