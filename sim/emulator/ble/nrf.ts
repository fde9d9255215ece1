/**
 * Espruino's `NRF` on ESP32 over a simulated Bluetooth radio, as a module that Espruino itself can run: the emulator and
 * the real interpreter both load this text from Storage.
 *
 * After targets/esp32/BLE and libs/bluetooth: advertising ends while an app is connected and begins again when it goes,
 * asleep or not; `disconnect` ends only connections that the device has made; a write is cut to what fits into an event;
 * indications are cut to the MTU and need no subscription; services are kept while an app is connected.
 */

/** Storage file of the module; where it is, the device has Bluetooth. */
export const NRF_MODULE_NAME = "NRF";

/** Host side of the module: expressions for `Device.eval`. Bytes are base64. */
export const nrfCalls = {
  advertisement: "NRF._advertisement()||null",
  connect: (mtu: number) => `NRF._connect(${mtu})`,
  write: (bytes: string) => `NRF._write("${bytes}")`,
  take: "NRF._take()",
  leave: "NRF._leave()",
};

export const NRF_MODULE = String.raw`
let services = {}, advertised = [], options = {}, out = [];
let mtu = 0;
let asleep = false;
let restart = false;

function find(uuid) {
  let found;
  Object.keys(services).forEach(function (service) {
    Object.keys(services[service]).forEach(function (one) {
      if (Number(one) == Number(uuid)) found = services[service][one];
    });
  });
  return found;
}

exports.setServices = function (data, o) {
  if (typeof data != "object") throw new Error("Expecting Object or undefined, got " + typeof data);
  exports._uart = !(o && o.uart === false);
  restart = mtu > 0;
  if (restart) print("BLE Connected, queueing BLE restart for later");
  else services = data;
};

exports.updateServices = function (data) {
  if (restart) throw new Error("Can't update services until BLE restart");
  Object.keys(data).forEach(function (service) {
    Object.keys(data[service]).forEach(function (uuid) {
      const known = find(uuid);
      const update = data[service][uuid];
      if (!known) throw new Error("Unable to find service with UUID " + uuid);
      if (mtu && update.indicate && known.indicate && update.value) out.push(btoa(update.value.substr(0, mtu - 3)));
    });
  });
};

exports.setAdvertising = function (data, o) {
  const uuids = Object.keys(data).map(Number);
  const more = o && o.manufacturerData || "";
  const size = 3 + (uuids.length ? 2 + 2 * uuids.length : 0) + 4 + more.length;
  if (size > 31) throw new Error("Unable to add Manufacturer data - too big for the advertisement");
  if (mtu) print("emulator: advertising while connected lets a second app in");
  advertised = uuids;
  options = o || {};
};

exports.disconnect = function () {};

exports.getSecurityStatus = function () {
  return { connected: mtu > 0, advertising: !asleep && !mtu };
};

exports.sleep = function () {
  asleep = true;
};

exports.wake = function () {
  asleep = false;
};

exports._advertisement = function () {
  if (asleep || mtu) return undefined;
  return { services: advertised, manufacturer: options.manufacturer, data: btoa(options.manufacturerData || "") };
};

exports._connect = function (size) {
  if (asleep || mtu) return false;
  mtu = size;
  out = [];
  exports.emit("connect", "c0:00:00:00:00:01");
  return true;
};

exports._write = function (bytes) {
  const known = find(0x9c40);
  if (!mtu || !known || !known.writable) return false;
  exports.emit("_write", known, bytes);
  return true;
};

exports.on("_write", function (known, bytes) {
  known.onWrite({ data: E.toArrayBuffer(atob(bytes).substr(0, 61)) });
});

exports._take = function () {
  const all = out;
  out = [];
  return all;
};

exports._leave = function () {
  if (!mtu) return;
  mtu = 0;
  asleep = false;
  exports.emit("disconnect", 19);
};
`;
