/**
 * JavaScript that makes a realm's operators. It runs in the realm, where V8 compiles it into the programs that use it;
 * what is not a number or a text on both sides is left to the host.
 */
export const OPERATORS_SOURCE = String.raw`(function (slow) {
  "use strict";
  var root = globalThis, Num = Number, Str = String, Bool = Boolean;
  var names = slow.names, descriptor = slow.descriptor, define = slow.define;
  function show(object) {
    names(object).forEach(function (name) {
      if (!/^(constructor|prototype|length|name)$/.test(name)) define(object, name, { enumerable: true });
    });
  }
  function limit(x) { return x < 9223372036854775808 && x > -9223372036854775808; }
  function add(a, b) {
    if (typeof a === "number") { if (typeof b === "number") return a + b; }
    else if (typeof a === "string" && typeof b === "string") return a + b;
    return slow.operate("+", a, b);
  }
  function eq(a, b) {
    if (typeof a === "number") { if (typeof b === "number") return a === b; }
    else if (typeof a === "string" && typeof b === "string") return a === b;
    if (a === b) return true;
    if ((b === undefined || b === null) && (a === undefined || a === null)) return true;
    return slow.operate("==", a, b);
  }
  function same(a, b) {
    if (a === b) return true;
    if (typeof a !== "object" && typeof b !== "object") return false;
    if (a === null || b === null || a === undefined || b === undefined) return false;
    return slow.same(a, b);
  }
  function lt(a, b) {
    if (typeof a === "number") { if (typeof b === "number") return a < b; }
    else if (typeof a === "string" && typeof b === "string") return a < b;
    return slow.operate("<", a, b);
  }
  function le(a, b) {
    if (typeof a === "number") { if (typeof b === "number") return a <= b; }
    else if (typeof a === "string" && typeof b === "string") return a <= b;
    return slow.operate("<=", a, b);
  }
  function gt(a, b) {
    if (typeof a === "number") { if (typeof b === "number") return a > b; }
    else if (typeof a === "string" && typeof b === "string") return a > b;
    return slow.operate(">", a, b);
  }
  function ge(a, b) {
    if (typeof a === "number") { if (typeof b === "number") return a >= b; }
    else if (typeof a === "string" && typeof b === "string") return a >= b;
    return slow.operate(">=", a, b);
  }
  function sub(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return a === undefined && b === undefined ? undefined : slow.float(a) - slow.float(b);
  }
  function mul(a, b) {
    if (typeof a === "number" && typeof b === "number") return a * b + 0;
    return a === undefined && b === undefined ? undefined : slow.float(a) * slow.float(b);
  }
  function div(a, b) {
    if (typeof a === "number" && typeof b === "number") return a / b;
    return a === undefined && b === undefined ? undefined : slow.float(a) / slow.float(b);
  }
  function mod(a, b) {
    if (typeof a === "number" && typeof b === "number") return a % b;
    return a === undefined && b === undefined ? undefined : slow.float(a) % slow.float(b);
  }
  function bits(a, b) { return typeof a === "number" && typeof b === "number" && limit(a) && limit(b); }
  function nothing(a, b) { return a === undefined && b === undefined; }
  function and(a, b) { return bits(a, b) ? a & b : nothing(a, b) ? undefined : slow.int(a) & slow.int(b); }
  function or(a, b) { return bits(a, b) ? a | b : nothing(a, b) ? undefined : slow.int(a) | slow.int(b); }
  function xor(a, b) { return bits(a, b) ? a ^ b : nothing(a, b) ? undefined : slow.int(a) ^ slow.int(b); }
  function shl(a, b) { return bits(a, b) ? a << b : nothing(a, b) ? undefined : slow.int(a) << slow.int(b); }
  function shr(a, b) { return bits(a, b) ? a >> b : nothing(a, b) ? undefined : slow.int(a) >> slow.int(b); }
  function ushr(a, b) { return bits(a, b) ? a >>> b : nothing(a, b) ? undefined : slow.int(a) >>> slow.int(b); }
  var operators = {
    add: add, sub: sub, mul: mul, div: div, mod: mod, and: and, or: or, xor: xor, shl: shl, shr: shr, ushr: ushr,
    eq: eq, same: same, lt: lt, le: le, gt: gt, ge: ge,
    ne: function (a, b) { return !eq(a, b); },
    differ: function (a, b) { return !same(a, b); },
    addTo: function (b, a) { return add(a, b); },
    subTo: function (b, a) { return sub(a, b); },
    mulTo: function (b, a) { return mul(a, b); },
    divTo: function (b, a) { return div(a, b); },
    modTo: function (b, a) { return mod(a, b); },
    andTo: function (b, a) { return and(a, b); },
    orTo: function (b, a) { return or(a, b); },
    xorTo: function (b, a) { return xor(a, b); },
    shlTo: function (b, a) { return shl(a, b); },
    shrTo: function (b, a) { return shr(a, b); },
    ushrTo: function (b, a) { return ushr(a, b); },
    put: function (object, key, value, name) {
      if (object !== null && (typeof object === "object" || typeof object === "function")) {
        return slow.put(object, key, value, operators[name]);
      }
      // What has no members is missed before anything is computed.
      var left = object[key];
      var right = value();
      return (object[key] = name ? operators[name](right, left) : right);
    },
    neg: function (a) { return typeof a === "number" ? 0 - a : 0 - slow.float(a); },
    pos: function (a) { return typeof a === "number" ? a : slow.number(a); },
    not: function (a) { return typeof a === "number" && limit(a) ? ~a : ~slow.int(a); },
    text: function (a) { return typeof a === "string" ? a : slow.text(a); },
    key: function (a) {
      if (typeof a === "number" && (a | 0) === a) return a;
      return typeof a === "string" && a.length < 32 ? a : slow.key(a);
    },
    has: function (key, object) {
      if (typeof object === "object" && object !== null || typeof object === "function") return key in object;
      return slow.has(key, object);
    },
    isA: function (a, B) { return a instanceof B || slow.isA(a, B); },
    args: function (parameters, given) {
      for (var at = parameters.length; at < given.length; at++) parameters.push(given[at]);
      return parameters;
    },
    self: function (a) {
      if (a === undefined) return root;
      return typeof a === "object" && (a instanceof Num || a instanceof Str || a instanceof Bool) ? slow.unbox(a) : a;
    },
    shown: function (made) {
      show(made.prototype);
      show(made);
      return made;
    },
    made: function (target, value) {
      if (target !== undefined && (value === null || typeof value !== "object" && value !== undefined)) slow.replaced();
      return value;
    },
    nameOf: function (a) {
      if (typeof a !== "function") return a.name;
      var own = descriptor(a, "name");
      return own && own.writable ? a.name : undefined;
    },
    setName: function (a, value) {
      if (typeof a === "function") define(a, "name", { value: value, writable: true, configurable: true });
      else a.name = value;
      return value;
    },
    missing: slow.missing,
    forIn: slow.forIn,
    forOf: slow.forOf,
    lost: slow.lost,
  };
  return operators;
})`;
