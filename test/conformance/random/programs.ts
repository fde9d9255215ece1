/** Arbitrary programs over the language that the gate allows. Each is the body of a function; `r` takes what it sees. */

import fc, { type Arbitrary } from "fast-check";

const VARIABLES = ["a", "b", "c", "d"] as const;

const texts = fc.constantFrom(
  "",
  "a",
  "ab",
  "abab",
  "b",
  "5",
  " 5",
  "5 ",
  "0x1f",
  "010",
  "1e3",
  "e",
  "-",
  "1.5",
  "a,b,,c",
  "null",
  "undefined",
  "NaN",
  "\\x00",
  "\\xff",
  "\\n",
  "aXbX",
  "A",
  "true",
  "-0",
  "1e",
  ".",
  "12345678901",
);
const numbers = fc.oneof(
  fc.integer({ min: -3, max: 12 }).map(String),
  fc.constantFrom(
    "0.5",
    "-1.5",
    "2.5",
    "0.1",
    "1e3",
    "1e10",
    "2147483647",
    "-2147483648",
    "4294967295",
    "1e21",
    "1e-7",
    "0xff",
    "255",
    "NaN",
    "123456789.123",
    "1 / 3",
    "99.995",
  ),
);
const literals: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: numbers.map((one) => (/^-|\//.test(one) ? `(${one})` : one)) },
  { weight: 4, arbitrary: texts.map((one) => `"${one}"`) },
  { weight: 1, arbitrary: fc.constantFrom("true", "false", "null", "undefined") },
);
const variables = fc.constantFrom(...VARIABLES);
const KEYS = fc.constantFrom("x", "y", "z");

const BINARY = [
  "+",
  "-",
  "*",
  "/",
  "%",
  "&",
  "|",
  "^",
  "<<",
  ">>",
  ">>>",
  "==",
  "!=",
  "===",
  "!==",
  "<",
  "<=",
  ">",
  ">=",
  "&&",
  "||",
];
const TEXT_METHODS: [name: string, kinds: string][] = [
  ["charAt", "i"],
  ["charCodeAt", "i"],
  ["indexOf", "ti"],
  ["lastIndexOf", "ti"],
  ["includes", "t"],
  ["startsWith", "ti"],
  ["endsWith", "t"],
  ["slice", "ii"],
  ["substr", "ii"],
  ["substring", "ii"],
  ["split", "s"],
  ["trim", ""],
  ["toUpperCase", ""],
  ["toLowerCase", ""],
  ["padStart", "nf"],
  ["padEnd", "nf"],
  ["repeat", "n"],
  ["replace", "tt"],
  ["replaceAll", "ft"],
  ["concat", "v"],
];
const LIST_METHODS: [name: string, kinds: string][] = [
  ["push", "v"],
  ["pop", ""],
  ["shift", ""],
  ["unshift", "v"],
  ["splice", "ii"],
  ["splice", "iiv"],
  ["slice", "ii"],
  ["indexOf", "vi"],
  ["includes", "v"],
  ["join", "t"],
  ["concat", "v"],
  ["reverse", ""],
  ["fill", "vii"],
  ["sort", ""],
];
const FUNCTIONS: [name: string, kinds: string][] = [
  ["Math.round", "v"],
  ["Math.floor", "v"],
  ["Math.ceil", "v"],
  ["Math.abs", "v"],
  ["Math.max", "vv"],
  ["Math.min", "vv"],
  ["Math.sign", "v"],
  ["parseInt", "v"],
  ["parseFloat", "v"],
  ["Number", "v"],
  ["String", "v"],
  ["Boolean", "v"],
  ["isNaN", "v"],
  ["isFinite", "v"],
  ["JSON.stringify", "v"],
  ["Object.keys", "v"],
  ["Object.values", "v"],
  ["Array.isArray", "v"],
  ["typeof", "v"],
  ["btoa", "t"],
  ["E.toString", "t"],
];

const integers = fc.integer({ min: -4, max: 8 }).map((one) => (one < 0 ? `(${one})` : String(one)));
const counts = fc.integer({ min: 0, max: 8 }).map(String);

function argumentOf(kind: string, value: Arbitrary<string>): Arbitrary<string> {
  const text = texts.map((one) => `"${one}"`);
  const kinds: Record<string, Arbitrary<string>> = {
    i: fc.oneof({ weight: 5, arbitrary: integers }, { weight: 1, arbitrary: value }),
    t: fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: value }),
    // A filler that is empty never ends.
    f: fc.constantFrom('"a"', '"ab"', '"X"', '" "'),
    n: counts,
    s: fc.oneof(text, fc.constantFrom("/,/", "/[ab]/", "/X+/g")),
    v: value,
  };
  return kinds[kind]!;
}

/** Calls with some of their arguments. */
function callOf(
  methods: [string, string][],
  value: Arbitrary<string>,
  target: Arbitrary<string> | undefined,
): Arbitrary<string> {
  return fc.constantFrom(...methods).chain(([name, kinds]) =>
    fc
      .tuple(
        target ?? fc.constant(""),
        fc.tuple(...[...kinds].map((kind) => argumentOf(kind, value))),
        fc.nat(kinds.length),
      )
      .map(([self, args, missing]) => {
        const fixed = /pad|repeat|replace|Math|typeof|parse/.test(name) ? 0 : missing;
        const given = args.slice(0, args.length - fixed).join(", ");
        return target ? `${self}.${name}(${given})` : `${name}(${given})`;
      }),
  );
}

const { value } = fc.letrec<{ value: string }>((tie) => {
  const inner = tie("value");
  const lists = fc.array(inner, { maxLength: 4 }).map((items) => `[${items.join(", ")}]`);
  const objects = fc.uniqueArray(fc.tuple(KEYS, inner), { maxLength: 3, selector: ([key]) => key });
  const strings = fc.oneof(
    texts.map((one) => `"${one}"`),
    variables,
  );
  return {
    value: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      { weight: 5, arbitrary: literals },
      { weight: 5, arbitrary: variables },
      {
        weight: 4,
        arbitrary: fc.tuple(inner, fc.constantFrom(...BINARY), inner).map(([l, o, r]) => `(${l} ${o} ${r})`),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.constantFrom("!", "-", "+", "~", "typeof "), inner).map(([o, v]) => `${o}(${v})`),
      },
      { weight: 2, arbitrary: lists },
      {
        weight: 1,
        arbitrary: objects.map((pairs) => `({ ${pairs.map(([key, one]) => `${key}: ${one}`).join(", ")} })`),
      },
      { weight: 3, arbitrary: callOf(TEXT_METHODS, inner, strings) },
      { weight: 3, arbitrary: callOf(LIST_METHODS, inner, variables) },
      { weight: 2, arbitrary: callOf(FUNCTIONS, inner, undefined) },
      { weight: 1, arbitrary: fc.tuple(inner, inner, inner).map(([q, l, r]) => `(${q} ? ${l} : ${r})`) },
      { weight: 1, arbitrary: fc.tuple(variables, KEYS).map(([name, key]) => `${name}.${key}`) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(variables, counts)
          .map(([name, at]) => `(typeof ${name} == "string" || Array.isArray(${name}) ? ${name}[${at}] : 0)`),
      },
      { weight: 1, arbitrary: fc.oneof(variables, numbers).map((one) => "`<${" + one + "}>`") },
    ),
  };
});

const callbacks = fc
  .tuple(variables, value)
  .map(([name, one]) => `function (v, i) { if (n++ < 9) { r.push(v); ${name} = ${one}; } return v; }`);
const changers = fc
  .tuple(
    variables,
    fc.constantFrom("push(7)", "pop()", "shift()", "splice(i, 1)", "splice(0, 1)", "unshift(8)", "reverse()"),
  )
  .map(([name, change]) => `function (v, i) { r.push(v); if (n++ < 4) ${name}.${change}; return i % 2 == 1; }`);
const LOOPS = fc.constantFrom("forEach", "map", "filter", "some", "every", "find", "findIndex");

const { statement } = fc.letrec<{ statement: string }>((tie) => {
  const inner = tie("statement");
  const block = fc.array(inner, { minLength: 1, maxLength: 3 }).map((all) => `{ ${all.join(" ")} }`);
  return {
    statement: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      { weight: 6, arbitrary: value.map((one) => `r.push(${one});`) },
      { weight: 5, arbitrary: fc.tuple(variables, value).map(([name, one]) => `${name} = ${one};`) },
      {
        weight: 3,
        arbitrary: fc
          .tuple(variables, fc.constantFrom("+", "-", "*", "|", "&", "^", ">>>", "<<"), value)
          .map(([name, o, one]) => `${name} ${o}= ${one};`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(variables, KEYS, value)
          .map(([name, key, one]) => `if (${name} && typeof ${name} == "object") ${name}.${key} = ${one};`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(variables, counts, value)
          .map(([name, at, one]) => `if (Array.isArray(${name})) ${name}[${at}] = typeof (${one});`),
      },
      { weight: 1, arbitrary: fc.tuple(variables, fc.constantFrom("++", "--")).map(([name, o]) => `${name}${o};`) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(variables, KEYS)
          .map(([name, key]) => `if (${name} && typeof ${name} == "object") delete ${name}.${key};`),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(value, block, fc.option(block))
          .map(([test, yes, no]) => `if (${test}) ${yes}${no ? ` else ${no}` : ""}`),
      },
      {
        weight: 2,
        arbitrary: block.map((body) => `for (let i = 0; i < 3; i++) { if (n++ > 9) break; ${body.slice(1)}`),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(variables, block)
          .map(
            ([name, body]) =>
              `if (typeof ${name} != "string") for (const k in ${name}) { if (n++ > 9) break; r.push(k); ${body.slice(1)}`,
          ),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(variables, block)
          .map(
            ([name, body]) =>
              `if (typeof ${name} != "string") for (const k of ${name}) { if (n++ > 9) break; r.push(k); ${body.slice(1)}`,
          ),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(texts, fc.constantFrom("in", "of"), block)
          .map(([one, o, body]) => `for (const k ${o} "${one}") { r.push(k); ${body.slice(1)}`),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(variables, LOOPS, fc.oneof(callbacks, changers))
          .map(([name, loop, f]) => `r.push(${name}.${loop}(${f}));`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(variables, value, value)
          .map(([name, one, start]) => `r.push(${name}.reduce(function (p, q) { return ${one} + p + q; }, ${start}));`),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(block, block)
          .map(([body, caught]) => `try ${body} catch (e) { r.push("caught"); ${caught.slice(1)}`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(block, block)
          .map(([body, last]) => `try { try ${body} finally ${last} } catch (e) { r.push("out"); }`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(block, block, block)
          .map(([body, caught, last]) => `try ${body} catch (e) ${caught} finally ${last}`),
      },
      { weight: 1, arbitrary: value.map((one) => `throw ${one};`) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(value, block, block, block)
          .map(([on, x, y, z]) => `switch (${on}) { case 1: ${x} break; case "a": ${y} default: ${z} }`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(block, fc.array(value, { maxLength: 3 }))
          .map(
            ([body, args]) =>
              `(function (a, b) { r.push(arguments.length, arguments[0]); ${body.slice(1)})(${args.join(", ")});`,
          ),
      },
    ),
  };
});

const lists = fc.array(literals, { maxLength: 5 }).map((items) => `[${items.join(", ")}]`);
const objects = fc.tuple(literals, literals).map(([x, y]) => `{ x: ${x}, y: ${y} }`);

/** The body of a function that gives `r`. */
export const programs: Arbitrary<string> = fc
  .tuple(
    fc.tuple(
      fc.oneof({ weight: 4, arbitrary: texts.map((one) => `"${one}"`) }, { weight: 1, arbitrary: lists }),
      lists,
      objects,
      literals,
    ),
    fc.array(statement, { minLength: 1, maxLength: 6 }),
  )
  .map(([[a, b, c, d], statements]) => `let a = ${a}, b = ${b}, c = ${c}, d = ${d};\n${statements.join("\n")}`);
