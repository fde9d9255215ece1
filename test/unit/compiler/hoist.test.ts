/** Factories that are called once are hoisted: the program stays the same, and its closures go. */

import vm from "node:vm";

import { expect } from "chai";

import { hoist, hoistErrors, print } from "../../../compiler/passes/hoist/hoist.js";
import { eachNode } from "../../support/tree.js";

/** What a program prints, its timers run at the end in their order. */
function run(code: string): unknown[] {
  const printed: unknown[] = [];
  const timers: (() => void)[] = [];
  const world = {
    print: (...what: unknown[]) => printed.push(JSON.stringify(what)),
    setTimeout: (work: () => void) => timers.push(work),
    exports: {} as Record<string, unknown>,
  };
  vm.runInNewContext(code, world);
  for (let i = 0; i < timers.length && i < 50; i++) timers[i]();
  return printed;
}

/** Functions that stand in a function. */
function closures(program: object): number {
  let count = 0;
  eachNode(program, (node, path) => {
    if (/Function/.test(node.type) && path.some((one) => /Function/.test(one.type))) count++;
  });
  return count;
}

/** Programs, and how many functions in functions are left of them. */
const PROGRAMS: [name: string, left: number, code: string][] = [
  [
    "an arrow that is called where it is made, and returns a parameter",
    0,
    `/** @once */
    function createOne(first) { let n = first; return { next: () => ++n }; }
    const one = createOne(((x, y) => x)(4, 5));
    print(one.next(), ((x) => x)(7), ((a) => ((b) => b)(a))(one.next()));`,
  ],
  [
    "state, methods and a parameter",
    0,
    `/** @once */
    function createCounter(start, step) {
      let count = start;
      function add(n) { count += n; return count; }
      return { next() { return add(step); }, reset: () => { count = start; } };
    }
    const counter = createCounter(5, 2);
    print(counter.next(), counter.next()); counter.reset(); print(counter.next());`,
  ],
  [
    "a factory within a factory, told of events",
    0,
    `/** @once */
    function createInner(hal, events) {
      let on = false;
      return { turn() { on = !on; if (on) events.on(1); else events.off(); hal.log("turned"); } };
    }
    /** @once */
    function createOuter(hal) {
      const seen = [];
      const inner = createInner(hal, { on(n) { seen.push(n); }, off: () => seen.push(0) });
      return { turn: () => inner.turn(), seen: () => seen.join() };
    }
    const machine = { log: (line) => print(line), unused: 1 };
    const outer = createOuter(machine);
    outer.turn(); outer.turn(); print(outer.seen());`,
  ],
  [
    "data that others write",
    0,
    `/** @once */
    function createWindow(expired) {
      const self = { code: "", open(code) { self.code = code; setTimeout(expired); }, close() { self.code = ""; } };
      return self;
    }
    const win = createWindow(() => print("over", win.code));
    print(win.code); win.open("A"); print(win.code); win.code = "B"; win.close(); print(win.code);`,
  ],
  [
    "a function as result, and as parameter of several functions",
    0,
    `/** @once */
    function createRandom(hash, seed) {
      let value = seed;
      return (count) => { value = hash(value, count); return value; };
    }
    function twice(hash, value) { return hash(value, 1) + hash(value, 2); }
    function hash(value, n) { return (value * 31 + n) % 1000; }
    const random = createRandom(hash, 7);
    print(random(1), random(2), twice(hash, 3), twice(hash, 4));`,
  ],
  [
    "an object that goes elsewhere stays whole",
    0,
    `/** @once */
    function create() { let n = 0; return { up() { return ++n; } }; }
    const one = create();
    function use(thing) { return thing.up(); }
    print(use(one), one.up(), Object.keys(one).length);`,
  ],
  [
    "what runs more than once keeps its closures",
    1,
    `function createClient(name) { let n = 0; return () => name + ++n; }
    const a = createClient("a"); const b = createClient("b");
    print(a(), a(), b(), a());`,
  ],
  [
    "names that mean several things",
    0,
    `const n = 1;
    /** @once */
    function create(n) { let m = n; { const n = "block"; print(n); } function f(n) { return n + m; } return { f: f }; }
    const x = create(10);
    print(n, x.f(5));`,
  ],
  [
    "what the owner calls, with an early end",
    0,
    `let started = false;
    /** @once */
    function start(options) {
      if (started) throw new Error("already");
      if (!options) return print("nothing");
      let left = options.left;
      const tick = () => { if (left--) { print(left); setTimeout(tick); } };
      started = true;
      setTimeout(tick);
    }
    exports.start = start;
    exports.start(); exports.start({ left: 2 });
    try { exports.start({ left: 5 }); } catch (error) { print(error.message); }`,
  ],
  [
    "truths that are handed on stay booleans",
    0,
    `/** @once */
    function create(list) {
      let shown = false; let kept = false; let both = false; let told = false;
      return {
        set(value) { shown = value > 1; kept = !value; both = kept = true; both = told = true; },
        told() { if (both) return told; },
        look() { if (both && !kept) print("no"); return shown; },
      };
    }
    const it = create([]);
    print(it.look(), it.told()); it.set(2); print(it.told()); print(it.look()); it.set(0); print(it.look());`,
  ],
  [
    "a variable that gets its value later is no second name",
    0,
    `let later; const early = later;
    function set() { later = 5; }
    set(); print(early, later);`,
  ],
  [
    "a variable that is tested before it is set",
    0,
    `let native; const early = native;
    /** @once */
    function use(sum) { native = sum; }
    function sum(x) { if (native) return native(x); return -x; }
    print(sum(2), typeof early);
    use((x) => x * 2);
    print(sum(2), native === early);`,
  ],
  [
    "a variable that perhaps is never set",
    0,
    `let late;
    const word = "set";
    /** @once */
    function maybe(go) { if (!go) return; late = word; }
    maybe(false);
    print(late === undefined);`,
  ],
  [
    "a parameter that is handed in before it has its value",
    1,
    `let later;
    function look(value) { return () => value; }
    const early = look(later);
    later = 5;
    print(early(), look(later)());`,
  ],
  [
    "a return without a value before the one with",
    0,
    `/** @once */
    function create(on) { let n = 0; function up() { return ++n; } if (!on) return; return { up }; }
    const made = create(0);
    print(typeof made);`,
  ],
  [
    "methods that read this, written in the object and beside it",
    0,
    `function get() { return this.n; }
    const beside = { n: 1, get: get }; const own = { n: 2, get() { return this.n; } };
    const copy = own.get; const mixed = { n: 3, get: copy };
    print(beside.get(), own.get(), mixed.get());`,
  ],
  [
    "first values of what the owner calls again after it has thrown",
    0,
    `/** @once */
    function createCounter() { let n = 0; let last; return { up() { last = last === undefined ? n : last; return ++n + last; } }; }
    let running = false;
    /** @once */
    function start(ok) {
      if (running) throw new Error("already");
      const counter = createCounter();
      counter.up(); print(counter.up());
      if (!ok) throw new Error("no");
      running = true;
    }
    exports.start = start;
    try { exports.start(0); } catch (e) { print(e.message); }
    exports.start(1);
    try { exports.start(1); } catch (e) { print(e.message); }`,
  ],
  [
    "members that are deleted, or whose names are written twice",
    0,
    `const gone = { a: 1, b: 2 }; delete gone.a; print(gone.a, gone.b);
    const twice = { a: print("first"), a: 2 }; print(twice.a);`,
  ],
  [
    "the order of what is handed in",
    0,
    `let n = 1; function next() { n *= 2; return n; }
    /** @once */
    function create(a, b, c) { return { sum: () => a + "," + b + "," + c }; }
    const made = create(next(), n, next());
    n = 100; print(made.sum(), n);`,
  ],
  [
    "getters of what is made later, has other values in between, or is made by the call",
    0,
    `/** @once */
    function createPart(log) { let n = 0; return { turn() { log(++n); }, count: () => n }; }
    /** @once */
    function createLife() {
      let part; let last;
      /** @once */
      function start() { part = createPart((n) => { last = n; }); return 1; }
      return { start: start, part: () => part, last: () => last, fresh: () => [last] };
    }
    const life = createLife();
    try { life.part().turn(); } catch (e) { print("early"); }
    print(life.last()); life.start(); life.part().turn();
    const before = life.last(); life.part().turn();
    print(before, life.last(), life.part().count(), life.fresh() == life.fresh());`,
  ],
  [
    "this and own names",
    1,
    `const o = { n: 1, get() { return this.n; } }; const f = function g(n) { return n ? n * g(n - 1) : 1; }; print(o.get(), f(4));
    function outer() { const own = 3; return [1, 2].map((n) => n + own); } print(outer());`,
  ],
];

describe("hoisted factories", () => {
  for (const [name, left, code] of PROGRAMS) {
    it(name, async () => {
      const program = hoist(code);
      expect(closures(program)).to.equal(left);
      const after = run((await print(program)).code);
      expect(after).to.have.length.above(0);
      expect(after).to.deep.equal(run(code));
    });
  }

  it("makes members of an object functions of the program, and numbers of constants", async () => {
    const { code } = await print(
      hoist(`const LIMIT = 4 * 1000; const io = { log: (x) => print(x, LIMIT), off: false };
        function say() { io.log(1); if (!io.off) io.off = true; } say();`),
    );
    expect(code).to.not.match(/log:|LIMIT|io\.|true|false/);
    expect(run(code)).to.deep.equal(["[1,4000]"]);
  });

  it("calls through a getter what is made once, later", async () => {
    const { code } = await print(
      hoist(`let part; function get() { return part; } function show(n) { print(n); }
        /** @once */
        function start() { part = { show: show }; }
        start(); get().show(1);`),
    );
    expect(code).to.not.match(/get|part\.|show:/);
    expect(run(code)).to.deep.equal(["[1]"]);
  });
});

describe("a getter", () => {
  it("stays where Espruino would read the variable later than the call", async () => {
    const kept = `let list = [1, 2]; function get() { return list; } function next() { list = [3, 4]; return 1; }
      print(get()[next()], get()[0]);`;
    expect((await print(hoist(kept))).code).to.match(/get\(\)\[/);
    expect(run((await print(hoist(kept))).code)).to.deep.equal(["[2,3]"]);
    const gone = kept.replace("[next()]", ".concat(next())[0]");
    expect((await print(hoist(gone))).code).to.not.match(/get\(/);
    const sum =
      "let n = 1; function get() { return n; } function up() { n += 1; return 1; } print(get() + up(), get());";
    expect((await print(hoist(sum))).code).to.match(/get\(\) \+ up/);
  });
});

describe("@once", () => {
  const CREATE = "function create() { let n = 0; return { up: () => ++n }; }";
  const TAGGED = `/** Counts.\n * @once */\n${CREATE}`;
  const places = (code: string): string[] => hoistErrors(code).map(({ line, message }) => `${line} ${message}`);

  it("refuses a second call, and names both", () => {
    expect(places(`${TAGGED}\nconst a = create();\nconst b = create();\nprint(a.up(), b.up());`)).to.deep.equal([
      "3 create is @once, so it is called exactly once, by code that runs once: it is used 2 times",
      "4 here create is used",
      "5 here create is used",
    ]);
  });

  const REFUSED: [what: string, code: string, why: RegExp][] = [
    ["no call", TAGGED, /is never called/],
    ["a call in a loop", `${TAGGED} for (let i = 0; i < 2; i++) print(create().up());`, /may run again/],
    ["a call in a function", `${TAGGED} function f() { return create(); } f(); f();`, /may run again/],
    ["a call in a callback", `${TAGGED} setTimeout(() => create(), 1);`, /may run again/],
    ["a call of itself", "/** @once */ function f(n) { if (n) f(n - 1); }", /may run again/],
    ["a function that is handed on", `${TAGGED} print([1, 2].map(create).length);`, /nothing counts its calls/],
    ["arguments", "/** @once */ function f() { return arguments.length; } f(1);", /use arguments/],
    ["this", "/** @once */ function f() { return () => this; } f();", /use this/],
    ["a class inside", "/** @once */ function f() { class A {} return new A(); } f();", /hold a class/],
    ["default parameters", "/** @once */ function f(a = 1) { return a; } f();", /other parameters/],
    ["a tag on a variable", "/** @once */ const f = () => 1; f();", /belongs to a function declaration/],
  ];
  for (const [what, code, why] of REFUSED) it(`refuses ${what}`, () => expect(places(code)[0]).to.match(why));

  it("is a tag of a JSDoc comment: prose and other comments that name it are none", () => {
    const twice = `${CREATE} print(create().up(), create().up());`;
    for (const comment of ["/** Not tagged @once. */", "// @once", "/* @once */", "/** @onceAndMore */"])
      expect(places(`${comment}\n${twice}`), comment).to.deep.equal([]);
    expect(places(`/** @once */ /* and a word */\n${twice}`)).to.not.deep.equal([]);
  });
});
