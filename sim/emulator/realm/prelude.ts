/**
 * JavaScript that runs first in every realm, where the language's own objects are at hand: what Espruino has and Node
 * has not, and what both have but Espruino does otherwise.
 */

/** Receives `host`: { queue(function, this, arguments), report(error), refuse(message), checkRegExp(source, flags) }. */
export const PRELUDE = String.raw`(function (host, stack) {
  "use strict";
  // What is taken away from programs later.
  var NativeMap = Map, NativeWeakMap = WeakMap;
  function hide(object, name, value) {
    Object.defineProperty(object, name, { value: value, writable: true, configurable: true, enumerable: false });
  }

  // Errors: no names, no inheritance between the classes.
  function InternalError(message) {
    if (!(this instanceof InternalError)) return new InternalError(message);
    hide(this, "message", message === undefined ? "" : String(message));
    hide(this, "stack", new Error().stack);
  }
  hide(globalThis, "InternalError", InternalError);
  var errors = { Error: Error, TypeError: TypeError, ReferenceError: ReferenceError, SyntaxError: SyntaxError };
  errors.InternalError = InternalError;
  Object.keys(errors).forEach(function (name) {
    var prototype = errors[name].prototype;
    delete prototype.name;
    hide(prototype, "toString", function () { return name + (this.hasOwnProperty("message") ? ": " + this.message : ""); });
    if (name !== "Error") Object.setPrototypeOf(prototype, Object.prototype);
  });
  stack.overflow = function () {
    stack.dead = true;
    throw new InternalError("Too much recursion - the stack is about to overflow");
  };

  // Strings hold bytes, and case is Latin-1's.
  var fromCharCode = String.fromCharCode;
  hide(String, "fromCharCode", function () {
    var text = "";
    for (var i = 0; i < arguments.length; i++) text += fromCharCode(arguments[i] & 255);
    return text;
  });
  var upper = String.prototype.toUpperCase, lower = String.prototype.toLowerCase, replace = String.prototype.replace;
  hide(String.prototype, "toUpperCase", function () {
    return replace.call(this, /[a-z\xe0-\xf6\xf8-\xfe]+/g, function (part) { return upper.call(part); });
  });
  hide(String.prototype, "toLowerCase", function () {
    return replace.call(this, /[A-Z\xc0-\xd6\xd8-\xde]+/g, function (part) { return lower.call(part); });
  });
  // What only begins like the text that is looked for is found where the text ends (2v29).
  var indexOf = String.prototype.indexOf;
  function find(text, part, from) {
    if (part.length > text.length) return -1;
    var start = Math.min(Math.max(from | 0, 0), text.length - part.length + 1);
    var found = indexOf.call(text, part, start);
    for (var at = start; found < 0 && at < text.length; at++) if (part.startsWith(text.slice(at))) found = at;
    return found;
  }
  hide(String.prototype, "indexOf", function (part, from) { return find(String(this), String(part), from); });
  hide(String.prototype, "includes", function (part, from) { return find(String(this), String(part), from) >= 0; });
  hide(String.prototype, "replace", function (part, by) {
    var text = String(this), at = typeof part === "object" ? -1 : find(text, String(part));
    return at < 0 ? replace.call(text, part, by) : text.slice(0, at) + by + text.slice(at + String(part).length);
  });
  var split = String.prototype.split;
  hide(String.prototype, "split", function (separator) { return split.call(this, separator); });

  // Regular expressions that come from text are known only now.
  var NativeRegExp = RegExp;
  function CheckedRegExp(source, flags) {
    host.checkRegExp(String(source), flags === undefined ? "" : String(flags));
    return new NativeRegExp(source, flags);
  }
  CheckedRegExp.prototype = NativeRegExp.prototype;
  hide(NativeRegExp.prototype, "constructor", CheckedRegExp);
  hide(globalThis, "RegExp", CheckedRegExp);

  // Numbers at random repeat at every boot.
  Math.randInt = function (range) { return range ? Math.floor(Math.random() * range) : host.random() | 0; };
  Math.random = function () { return host.random() / 4294967296; };
  hide(Math, "clip", function (x, low, high) { return x < low ? low : x > high ? high : x; });
  hide(Math, "wrap", function (x, max) { return ((x % max) + max) % max; });

  // JSON has 11 digits, no replacer, and writes functions as undefined.
  var stringify = JSON.stringify, parse = JSON.parse, toPrecision = Number.prototype.toPrecision;
  hide(JSON, "stringify", function (value) {
    return stringify(value, function (key, one) {
      if (typeof one === "number" && one === one && Math.abs(one) < 1e21) return +toPrecision.call(one, 11);
      return one;
    });
  });
  hide(JSON, "parse", function (text) {
    return parse(text, function (key, one) {
      if (typeof one !== "string") return one;
      return replace.call(one, /[^\x00-\xff]/g, function (c) { return fromCharCode(c.charCodeAt(0) & 255); });
    });
  });

  // Events: every object has them, listeners run after the current job.
  var listeners = new NativeWeakMap();
  var watchers = new NativeWeakMap();
  function list(object, event) {
    var events = listeners.get(object);
    if (!events) listeners.set(object, (events = new NativeMap()));
    if (!events.has(event)) events.set(event, []);
    return events.get(event);
  }
  function on(event, listener) {
    if (typeof listener !== "function" && typeof listener !== "string") {
      throw new TypeError("Expecting callback Function but got " + typeof listener);
    }
    list(this, String(event)).push(listener);
    var watcher = watchers.get(this);
    if (watcher) watcher(String(event));
  }
  function dispatch(object, event, args) {
    list(object, event).slice().forEach(function (listener) { host.queue(listener, object, args); });
  }
  hide(Object.prototype, "on", on);
  hide(Object.prototype, "addListener", on);
  hide(Object.prototype, "prependListener", function (event, listener) { list(this, String(event)).unshift(listener); });
  hide(Object.prototype, "emit", function (event) {
    if (arguments.length > 5) throw new TypeError("Too many arguments (>4)");
    dispatch(this, String(event), [].slice.call(arguments, 1));
  });
  hide(Object.prototype, "removeListener", function (event, listener) {
    var all = list(this, String(event));
    if (all.indexOf(listener) >= 0) all.splice(all.indexOf(listener), 1);
  });
  hide(Object.prototype, "removeAllListeners", function (event) {
    if (event === undefined) listeners.delete(this);
    else list(this, String(event)).length = 0;
  });
  hide(Object.prototype, "clone", function () {
    return Array.isArray(this) ? this.slice() : Object.assign({}, this);
  });

  // Promises, on the queue of events.
  function Promise(executor) {
    if (typeof executor !== "function") throw new TypeError("Executor function required in Promise constructor");
    hide(this, "_s", { done: false, ok: false, value: undefined, waiting: [], heard: false });
    var self = this;
    try {
      executor(function (value) { resolve(self, value); }, function (value) { settle(self, false, value); });
    } catch (error) {
      if (stack.dead) throw error;
      settle(self, false, error);
    }
  }
  function resolve(promise, value) {
    if (value && typeof value.then === "function") {
      value.then(function (v) { resolve(promise, v); }, function (v) { settle(promise, false, v); });
    } else settle(promise, true, value);
  }
  function settle(promise, ok, value) {
    var state = promise._s;
    if (state.done) return;
    state.done = true;
    state.ok = ok;
    state.value = value;
    host.queue(function () {
      state.waiting.splice(0).forEach(function (one) { one(); });
      if (!ok && !state.heard) host.report(value, "in promise");
    }, promise, []);
  }
  Promise.prototype.then = function (good, bad) {
    var state = this._s;
    state.heard = true;
    return new Promise(function (done, fail) {
      function run() {
        var handler = state.ok ? good : bad;
        if (typeof handler !== "function") return state.ok ? done(state.value) : fail(state.value);
        var result;
        try {
          result = handler(state.value);
        } catch (error) {
          if (stack.dead) throw error;
          return fail(error);
        }
        done(result);
      }
      if (state.done) host.queue(run, undefined, []);
      else state.waiting.push(run);
    });
  };
  Promise.prototype.catch = function (bad) { return this.then(undefined, bad); };
  hide(Promise, "resolve", function (value) { return new Promise(function (done) { done(value); }); });
  hide(Promise, "reject", function (value) { return new Promise(function (done, fail) { fail(value); }); });
  hide(Promise, "all", function (promises) {
    return new Promise(function (done, fail) {
      var left = promises.length, values = [];
      if (!left) done(values);
      promises.forEach(function (one, at) {
        Promise.resolve(one).then(function (value) {
          values[at] = value;
          if (--left === 0) done(values);
        }, fail);
      });
    });
  });
  hide(globalThis, "Promise", Promise);
  hide(globalThis, "global", globalThis);

  return {
    on: on,
    dispatch: dispatch,
    watch: function (object, watcher) { watchers.set(object, watcher); },
    make: function (methods) {
      var object = Object.create({});
      Object.keys(methods).forEach(function (name) { hide(Object.getPrototypeOf(object), name, methods[name]); });
      return object;
    },
    array: function (items) { return [].slice.call(items); },
    object: function (fields) { return Object.assign({}, fields); },
    error: function (message, name) { return new errors[name || "Error"](message); },
    bytes: function (bytes) { var copy = new Uint8Array(bytes.length); copy.set(bytes); return copy; },
    json: parse,
    text: stringify,
  };
})`;
