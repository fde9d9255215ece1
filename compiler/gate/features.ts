/**
 * What Espruino 2v29 has: tables from `Object.getOwnPropertyNames` on its Linux builds, without what only Linux has and
 * with what only ESP32 has (targets/esp32, boards/ESP32.py of its source).
 */

const words = (text: string) => text.trim().split(/\s+/);

/** Modules built into the ESP32 builds. */
export const MODULES = new Set(
  words("net dgram http tls crypto fs Wifi Storage Flash timer TelnetServer heatshrink neopixel"),
);

/** Modules that this project builds, for Storage. */
export const OWN_MODULES = [
  "WifiBinding",
  "WifiBindingMdns",
  "WifiBindingBle",
  "WifiBindingProof",
  "WifiBindingData",
  "WifiBindingOta",
  "WifiBindingSlh",
  "WifiBindingCrypto",
];

/** Globals of the language and of the machine. */
export const GLOBALS = new Set(
  words(`
  Object Function Array ArrayBuffer ArrayBufferView Boolean DataView Date E Error Infinity InternalError JSON Math
  Modules NaN Number Promise ReferenceError RegExp String SyntaxError TypeError undefined arguments global globalThis
  Float32Array Float64Array Int8Array Int16Array Int32Array Uint8Array Uint8ClampedArray Uint16Array Uint24Array
  Uint32Array atob btoa changeInterval clearInterval clearTimeout clearWatch console decodeURIComponent dump echo edit
  encodeURIComponent eval getTime isFinite isNaN load parseFloat parseInt peek16 peek32 peek8 poke16 poke32 poke8 print
  process require reset save setInterval setTime setTimeout setWatch trace
  AES ESP32 File Graphics HIGH I2C I2C1 I2C2 LED1 LOW LoopbackA LoopbackB BTN1 NRF Bluetooth OneWire Pin SPI SPI1 SPI2
  Serial Serial1 Serial2 Serial3 Server Socket StorageFile Telnet Waveform analogRead analogWrite digitalPulse
  digitalRead digitalWrite getPinMode getSerial pinMode setBusyIndicator setSleepIndicator shiftOut url
  `).concat(Array.from({ length: 40 }, (_, pin) => `D${pin}`)),
);

/** Globals that a minifier could take for a short name of its own. */
export const SHORT_GLOBALS = [...GLOBALS].filter((name) => name.length <= 3);

const TYPED_ARRAYS = words(
  "Float32Array Float64Array Int8Array Int16Array Int32Array Uint8Array Uint8ClampedArray Uint16Array Uint32Array",
);

/** All members of the built-in objects that have a fixed set of them. */
export const MEMBERS: Record<string, Set<string>> = Object.fromEntries(
  Object.entries({
    Array: "isArray prototype",
    Boolean: "prototype",
    Date: "now parse prototype",
    E: `CRC32 FFT HSBtoRGB asUTF8 asm clip compiledC connectSDCard convolve decodeUTF8 defrag dumpFragmentation dumpStr
      dumpVariables emit enableWatchdog fromUTF8 getAddressOf getAnalogVRef getClock getConsole getErrorFlags getFlags
      getPowerUsage getSizeOf getTemperature hwRand internal isUTF8 kickWatchdog lockConsole lookupNoCase mapInPlace
      memoryArea memoryMap nativeCall on openFile pipe reboot removeAllListeners removeListener reverseByte setBootCode
      setClock setConsole setDST setFlags setPassword setTimeZone srand stopEventPropagation sum toArrayBuffer
      toFlatString toJS toString toUint8Array unmountSD variance`,
    Error: "prototype",
    JSON: "parse stringify",
    Math: `E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2 abs acos asin atan atan2 ceil clip cos exp floor log max min
      randInt random round sign sin sqrt tan wrap`,
    Modules: "addCached getCached removeAllCached removeCached",
    Number: "MAX_VALUE MIN_VALUE NEGATIVE_INFINITY NaN POSITIVE_INFINITY prototype",
    Object: `assign create defineProperties defineProperty entries fromEntries getOwnPropertyDescriptor
      getOwnPropertyDescriptors getOwnPropertyNames getPrototypeOf keys prototype setPrototypeOf values`,
    Promise: "all reject resolve prototype",
    String: "fromCharCode prototype",
    console: "debug error info log trace warn",
    process: "env memory on version",
    ...Object.fromEntries(TYPED_ARRAYS.map((name) => [name, "prototype"])),
  }).map(([name, members]) => [name, new Set(words(members))]),
);

/** Built-in constructors whose prototype serves instances, but has no methods when it is read itself. */
export const CONSTRUCTORS = new Set(
  words("Array Boolean Date Error Function Number Object Promise RegExp String Uint8Array ArrayBuffer DataView"),
);

/** Errors, which cannot be extended and whose classes tell nothing about an error of the interpreter. */
export const ERRORS = new Set(
  words("Error EvalError InternalError RangeError ReferenceError SyntaxError TypeError URIError"),
);

/** Methods that no built-in object of Espruino has, with what to write instead. */
const ABSENT: Record<string, string> = {
  at: "index from the length",
  codePointAt: "charCodeAt",
  copyWithin: "a loop",
  entries: "a loop over the index, or Object.entries(object)",
  finally: "both arguments of then",
  findLast: "a loop from the end",
  findLastIndex: "a loop from the end",
  flat: "[].concat.apply([], list)",
  flatMap: "map, then [].concat.apply([], list)",
  isPrototypeOf: "instanceof",
  keys: "Object.keys(object)",
  localeCompare: "< and >",
  matchAll: "exec in a loop",
  normalize: "bytes",
  off: "removeListener",
  once: "on with a listener that removes itself",
  propertyIsEnumerable: "hasOwnProperty",
  reduceRight: "reverse().reduce",
  search: "exec(text).index, or indexOf",
  toExponential: "toFixed",
  toLocaleLowerCase: "toLowerCase",
  toLocaleString: "toString",
  toLocaleUpperCase: "toUpperCase",
  toPrecision: "toFixed",
  toReversed: "slice().reverse()",
  toSorted: "slice().sort(compare)",
  trimEnd: "trim, or replace(/\\s+$/, '')",
  trimStart: "trim, or replace(/^\\s+/, '')",
  values: "a loop over the index, or Object.values(object)",
};

export const ABSENT_METHODS: ReadonlyMap<string, string> = new Map(Object.entries(ABSENT));
