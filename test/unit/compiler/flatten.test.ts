/** The build takes rooms apart and puts functions on pages: the program stays the same, and its closures go. */

import vm from "node:vm";

import { expect } from "chai";
import { minify } from "terser";

import { flatten } from "../../../compiler/passes/flatten.js";
import { paginate } from "../../../compiler/passes/pages.js";
import { eachNode } from "../../support/tree.js";

const print = async (program: unknown): Promise<string> => {
  const options = { parse: { spidermonkey: true }, compress: false, mangle: false, format: { beautify: true } };
  return (await minify(program as string, options as object)).code ?? "";
};

/** What a program says by `print`, its timers run at the end in their order. */
function run(code: string): unknown[] {
  const said: unknown[] = [];
  const timers: (() => void)[] = [];
  const world = {
    print: (...what: unknown[]) => said.push(JSON.stringify(what)),
    setTimeout: (work: () => void) => timers.push(work),
    exports: {} as Record<string, unknown>,
  };
  vm.runInNewContext(code, world);
  for (let i = 0; i < timers.length && i < 50; i++) timers[i]();
  return said;
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
    "a room within a room, told of events",
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
    "this and own names",
    1,
    `const o = { n: 1, get() { return this.n; } }; const f = function g(n) { return n ? n * g(n - 1) : 1; }; print(o.get(), f(4));
    function outer() { const own = 3; return [1, 2].map((n) => n + own); } print(outer());`,
  ],
];

describe("rooms taken apart", () => {
  for (const [name, left, code] of PROGRAMS) {
    it(name, async () => {
      const program = flatten(code);
      expect(closures(program)).to.equal(left);
      const after = run(await print(program));
      expect(after).to.have.length.above(0);
      expect(after).to.deep.equal(run(code));
    });
  }

  it("makes members of an object functions of the program, and numbers of constants", async () => {
    const code = await print(
      flatten(`const LIMIT = 4 * 1000; const io = { log: (x) => print(x, LIMIT), off: false };
        function say() { io.log(1); if (!io.off) io.off = true; } say();`),
    );
    expect(code).to.not.match(/log:|LIMIT|io\.|true|false/);
    expect(run(code)).to.deep.equal(["[1,4000]"]);
  });
});

describe("pages", () => {
  const PROGRAM = `
    const WORDS = ["zero", "one"]; const SHARED = ["both"]; const SEEN = []; const TABLE = { n: 0 };
    let count = 0;
    class Box { constructor(n) { this.n = n; } get() { return this.n; } }
    function word(n) { SEEN.push(n); TABLE.n++; return WORDS[n] + SHARED[0] + SEEN.length + TABLE.n; }
    function near() { count++; return far(new Box(count)); }
    function far(box) { return box.get() + kept(); }
    function kept() { return SHARED[0]; }
    exports.kept = kept;
    print(near(), near(), word(1), [0, 1].map(word).join());
    setTimeout(() => print(near(), word(0)));`;
  const onPage = (names: Record<string, string>) => async (): Promise<string> => {
    const program = flatten(PROGRAM);
    const starts = new Map<number, string>();
    for (const [name, page] of Object.entries(names)) {
      const found = (program.body as { id?: { name: string }; start: number }[]).find((one) => one.id?.name === name);
      starts.set(found?.start ?? -1, page);
    }
    paginate(program, (position: number) => starts.get(position));
    return print(program);
  };

  it("change nothing, and hold what only they need", async () => {
    const code = await onPage({ Box: "a", near: "a", far: "b", word: "b", kept: "a" })();
    expect(run(code)).to.deep.equal(run(PROGRAM));
    const page = (name: string): string =>
      new RegExp(`function make\\$${name}\\(\\) \\{[^]*?\\n\\}`).exec(code)?.[0] ?? "";
    expect(page("a"))
      .to.match(/function near/)
      .and.match(/class Box/);
    expect(page("b"))
      .to.match(/function far/)
      .and.match(/WORDS = /);
    // What somebody keeps is never on a page, nor what two pages need, nor what changes.
    expect(page("a") + page("b")).to.not.match(/function kept|(SHARED|SEEN|TABLE) =/);
  });

  it("are made when they are needed, and forgotten together", async () => {
    const code = (await onPage({ Box: "a", near: "a", far: "a" })()).replace(
      "function near",
      'print("made"); function near',
    );
    const said = run(code);
    // Once for two calls; and again after the timer that forgets.
    expect(said.filter((one) => one === '["made"]')).to.have.length(2);
    expect(said.filter((one) => one !== '["made"]')).to.deep.equal(run(PROGRAM));
  });
});
