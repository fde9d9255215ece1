/** What Espruino's built-in prototypes have, from the descriptions in its source (src/jswrap_*.c). */

const words = (text: string): string[] => text.trim().split(/\s+/);

const TYPED = words(`buffer byteLength byteOffset every fill filter find findIndex forEach includes indexOf join length
  map reduce reverse set slice some sort subarray toString`);

/** Members of a prototype that stay; `constructor` always does. */
export const PROTOTYPES: Record<string, string[]> = {
  Array: words(`concat every fill filter find findIndex forEach includes indexOf join map pop push reduce reverse shift
    slice some sort splice toString unshift`),
  String: words(`charAt charCodeAt concat endsWith includes indexOf lastIndexOf match padEnd padStart repeat replace
    replaceAll slice split startsWith substr substring toLowerCase toUpperCase toString trim valueOf`),
  Object: words(`addListener clone emit hasOwnProperty on prependListener removeAllListeners removeListener
    toString valueOf __proto__`),
  Function: words("apply bind call toString"),
  Number: words("toFixed toString valueOf"),
  Boolean: words("toString valueOf"),
  Date: words(`getDate getDay getFullYear getHours getMilliseconds getMinutes getMonth getSeconds getTime
    getTimezoneOffset setDate setFullYear setHours setMilliseconds setMinutes setMonth setSeconds setTime toISOString
    toJSON toString toUTCString valueOf`),
  RegExp: words("exec test flags source toString global ignoreCase"),
  Error: words("message toString"),
  ArrayBuffer: words("byteLength"),
  DataView: words(`buffer byteLength byteOffset getFloat32 getFloat64 getInt16 getInt32 getInt8 getUint16 getUint32
    getUint8 setFloat32 setFloat64 setInt16 setInt32 setInt8 setUint16 setUint32 setUint8`),
  TypedArray: TYPED,
};

/** Constructors whose prototypes inherit everything from the typed arrays'. */
export const TYPED_ARRAYS = words(`Float32Array Float64Array Int8Array Int16Array Int32Array Uint8Array
  Uint8ClampedArray Uint16Array Uint32Array`);

/** Error classes; of the language's, Espruino lacks EvalError, RangeError and URIError. */
export const ERRORS = words("Error TypeError ReferenceError SyntaxError InternalError");
