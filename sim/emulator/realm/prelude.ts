/**
 * JavaScript that runs first in every realm, where the language's own objects are at hand: what can be made of them
 * only there. The rest of what Espruino does otherwise is in ../language.
 */

/** Receives `stack` and `host`: { checkRegExp(source, flags), trap(message) }. */
export const PRELUDE = String.raw`(function (host, stack) {
  "use strict";
  function hide(object, name, value) {
    Object.defineProperty(object, name, { value: value, writable: true, configurable: true, enumerable: false });
  }

  // Errors: no names, no inheritance between the classes, and all their members can be seen.
  var errors = {};
  ["Error", "TypeError", "ReferenceError", "SyntaxError", "InternalError"].forEach(function (name) {
    var native = globalThis[name], trace = Error.captureStackTrace;
    function DeviceError(message) {
      var self = this instanceof DeviceError ? this : Object.create(DeviceError.prototype);
      if (message !== undefined) self.message = String(message);
      self.type = name;
      var place = {};
      trace(place, DeviceError);
      self.stack = place.stack;
      return self;
    }
    if (native) DeviceError.prototype = native.prototype;
    var prototype = DeviceError.prototype;
    delete prototype.name;
    delete prototype.message;
    hide(prototype, "constructor", DeviceError);
    hide(prototype, "toString", function () { return name + (this.hasOwnProperty("message") ? ": " + this.message : ""); });
    if (name !== "Error") Object.setPrototypeOf(prototype, Object.prototype);
    errors[name] = DeviceError;
  });
  Object.keys(errors).forEach(function (name) { hide(globalThis, name, errors[name]); });
  stack.overflow = function () {
    stack.dead = true;
    throw new InternalError("Too much recursion - the stack is about to overflow");
  };

  // An error in an object literal passes by the catch and finally of its own function.
  stack.literal = function (place, make) {
    var last = { on: false };
    try {
      return make(last);
    } catch (error) {
      if (!last.on && !stack.dead && stack.escape === undefined) {
        stack.escape = place;
        host.trap("an error in a member of an object literal is not caught in the same function: " + error);
      }
      throw error;
    }
  };
  // So does one in an argument of a native function that is before an object literal. The program's own are instrumented.
  var textOf = Function.prototype.toString;
  stack.behind = function (place, callee, make) {
    try {
      return make();
    } catch (error) {
      var native = typeof callee === "function" && textOf.call(callee).indexOf("$espruinoStack") < 0;
      if (native && !stack.dead && stack.escape === undefined) {
        stack.escape = place;
        host.trap("an error in an argument before an object literal is not caught in the same function: " + error);
      }
      throw error;
    }
  };
  stack.escapes = function (place) {
    if (stack.escape === place) return true;
    stack.escape = undefined;
    return false;
  };

  // Regular expressions that come from text are known only now.
  var NativeRegExp = RegExp;
  function CheckedRegExp(source, flags) {
    host.checkRegExp(String(source), flags === undefined ? "" : String(flags));
    return new NativeRegExp(source, flags);
  }
  CheckedRegExp.prototype = NativeRegExp.prototype;
  hide(NativeRegExp.prototype, "constructor", CheckedRegExp);
  hide(globalThis, "RegExp", CheckedRegExp);
  hide(globalThis, "global", globalThis);

  return {
    array: function (items) {
      var list = [];
      for (var at = 0; at < items.length; at++) if (at in items) list[at] = items[at];
      return list;
    },
    empty: function () { return {}; },
    bytes: (function (Bytes) {
      return function (bytes) { var copy = new Bytes(bytes.length); copy.set(bytes); return copy; };
    })(Uint8Array),
    error: function (message, name) { return new errors[name || "Error"](message); },
  };
})`;
