/** Random programs of the subset that the gate lets through. They print numbers and words that they compute. */

import fc from "fast-check";

/** A whole number from 0 to below `n`. */
type Pick = (n: number) => number;

interface Name {
  name: string;
  kind: "number" | "text" | "function" | "object" | "late" | "box";
  fixed: boolean;
}

class Maker {
  private count = 0;
  /** Statements that are left: programs stay small. */
  private budget = 26;
  /** Whether a closure may outlive what it is made in: not where that is called again, and begins anew. */
  private keeps = true;
  readonly scopes: Name[][] = [[]];
  /** Functions of the program that what follows calls, once each; undefined where there is no place for them. */
  private singles: string[] | undefined;

  constructor(private readonly pick: Pick) {}

  fresh(base: string): string {
    return `${base}${++this.count}`;
  }

  one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)]!;
  }

  known(...kinds: Name["kind"][]): Name[] {
    return this.scopes.flat().filter(({ kind }) => kinds.includes(kind));
  }

  add(name: string, kind: Name["kind"], fixed = true): string {
    this.scopes.at(-1)!.push({ name, kind, fixed });
    return name;
  }

  within(make: () => string): string {
    this.scopes.push([]);
    const text = make();
    this.scopes.pop();
    return text;
  }

  /** A number. */
  expression(depth = 2): string {
    const leaf = depth <= 0 || this.pick(4) == 0;
    const numbers = this.known("number");
    if (leaf) return numbers.length && this.pick(3) ? this.one(numbers).name : String(this.pick(9));
    const sub = (): string => this.expression(depth - 1);
    const open = this.known("number").filter(({ fixed }) => !fixed);
    const forms: (() => string)[] = [
      () => `(${sub()} ${this.one(["+", "-", "*", "&", "|", "<", "==", "&&", "||"])} ${sub()})`,
      () => `(${sub()} + ${this.call(depth)})`,
      () => `(${sub()} ? ${sub()} : ${sub()})`,
      () => this.call(depth),
      () => `${this.text(depth - 1)}.length`,
      () => `(() => ${sub()})()`,
      () => `((x, y) => ${this.one(["x", "(y ? 1 : 2)", "x + 1"])})(${sub()}, ${sub()})`,
      () => `[${sub()}, ${sub()}][${this.pick(2)}]`,
      () => this.late(),
      () => this.box(depth),
      () => this.member(depth),
      () => (open.length ? `(${this.one(open).name} = ${sub()})` : sub()),
      () => (open.length ? `${this.one(open).name}++` : sub()),
      () => `(${sub()}, ${sub()})`,
      () => `[${sub()}, ${sub()}].map((v) => v + ${sub()})[${this.pick(2)}]`,
      () => (this.singles ? this.single(true, depth - 1) : sub()),
    ];
    return `(${this.one(forms)()} & 1023)`;
  }

  private call(depth: number): string {
    const functions = this.known("function");
    if (!functions.length) return this.expression(depth - 1);
    return `${this.one(functions).name}(${this.expression(depth - 1)}, ${this.expression(0)})`;
  }

  /** A statement that does something with the result of a function that is called once. */
  private callOfSingle(depth: number): string {
    const open = this.known("number").filter(({ fixed }) => !fixed);
    const call = this.single(true, 1);
    return this.one([
      () => `const ${this.add(this.fresh("v"), "number")} = ${call};`,
      () => (open.length ? `${this.one(open).name} = ${call};` : `print(${call});`),
      () => `if (${call}) {\n${this.block(depth - 1)}\n} else {\n${this.block(depth - 1)}\n}`,
      () => `if (${this.expression(1)}) ${call};`,
      () => `print(((x) => ${call})(${this.expression(1)}));`,
      () => `(function () {\n${this.block(depth - 1)}\nreturn ${call};\n})();`,
      () => (this.keeps ? `later.push(() => ${call});` : `print(${call} + ${this.expression(1)});`),
    ])();
  }

  /** The only call of a function of the program, which it makes. @param value whether it returns a number */
  private single(value: boolean, depth: number): string {
    const values = [this.expression(depth), this.expression(0)];
    const scopes = this.scopes.splice(1);
    const [name, a, b] = [this.fresh("once"), this.fresh("a"), this.fresh("b")];
    const body = this.within(() => {
      this.add(a, "number", this.pick(3) > 0);
      this.add(b, "number");
      return this.singleBody(value, a, b);
    });
    this.scopes.push(...scopes);
    this.singles!.push(`function ${name}(${a}, ${b}) {\n${body}\n}`);
    return `${name}(${values.slice(0, 1 + this.pick(2)).join(", ")})`;
  }

  private singleBody(value: boolean, a: string, b: string): string {
    const end = (): string => (value ? `return ${this.expression(1)};` : this.one(["", "return;", "return 5;"]));
    const leave = (): string => (value ? `return ${this.expression(1)};` : "return;");
    const some = (): string => this.list(1, 1 + this.pick(2));
    return this.one([
      end,
      () => `${some()}\n${end()}`,
      () => `if (${a} > ${b}) ${leave()}\n${some()}\n${end()}`,
      () => `if (${a}) {\n${this.block(1)}\n${leave()}\n} else if (${b} > 2) ${leave()}\n${some()}\n${end()}`,
      () => `for (const i of [1, 2]) {\nif (${a} > i) ${leave()}\nprint(i);\n}\n${end()}`,
      () => `if (${b}) { if (${a}) ${leave()} }\n${end()}`,
    ])();
  }

  private member(depth: number): string {
    const objects = this.known("object");
    if (!objects.length) return this.expression(depth - 1);
    const { name } = this.one(objects);
    return this.one([`${name}.n`, `${name}.get(${this.expression(depth - 1)})`, `${name}.set(${this.expression(0)})`]);
  }

  /** Only what a program may do with a variable that has no value yet. */
  private late(): string {
    const late = this.known("late");
    if (!late.length) return "3";
    const { name } = this.one(late);
    return this.one([
      `(${name} ? 1 : 2)`,
      `(${name} === undefined ? 4 : 5)`,
      `(${name} ? ${name}(2, 1) : 6)`,
      `(typeof ${name}).length`,
      `(((v) => (v ? v(1, 1) : 7))(${name}))`,
    ]);
  }

  /** The same of an object that comes later, by its name or through its getter. */
  private box(depth: number): string {
    const boxes = this.known("box");
    if (!boxes.length) return "3";
    const [a, b] = [this.one(boxes).name, this.one(boxes).name];
    return this.one([
      `(${a} ? ${b}.n : ${this.expression(0)})`,
      `(${a} ? ${b}.get(${this.expression(depth - 1)}) : 2)`,
      `(${a} === ${b} ? 4 : 5)`,
      `((v) => (v ? v.n : 7))(${a})`,
      `[${a}, ${this.expression(depth - 1)}, ${b}].map((v) => (v ? 1 : 0))[${this.pick(3)}]`,
    ]);
  }

  private text(depth: number): string {
    const texts = this.known("text");
    const word = texts.length && this.pick(3) ? this.one(texts).name : `"${this.one(["a", "bc", ""])}"`;
    if (depth <= 0 || this.pick(3) == 0) return word;
    const sub = (): string => this.expression(depth - 1);
    return this.one([
      () => `(${word} + String(${sub()}))`,
      () => `(${word} + ${sub()} + ${this.pick(9)} + ${this.one(["1", "true", "(2 + 3)", "null"])})`,
      () => `(${word} + -${sub()} + ${this.pick(9)})`,
      () => `(${sub()} + ${word} + (typeof ${sub()}) + ${sub()})`,
    ])();
  }

  block(depth: number, size = 3): string {
    return this.within(() => this.list(depth, 1 + this.pick(size)));
  }

  list(depth: number, size: number): string {
    return Array.from({ length: size }, () => this.statement(depth)).join("\n");
  }

  statement(depth: number): string {
    if (this.budget-- <= 0) return `print(${this.expression(1)});`;
    const simple = [() => this.declaration(), () => this.assignment(), () => `print(${this.expression()});`];
    if (this.singles) simple.push(() => `${this.single(false, 1)};`);
    const nested = [
      () => (this.singles ? this.callOfSingle(depth) : this.declaration()),
      () => `if (${this.expression()}) {\n${this.block(depth - 1)}\n}`,
      () => `if (${this.expression()}) {\n${this.block(depth - 1)}\n} else {\n${this.block(depth - 1)}\n}`,
      () => this.loop(depth),
      () => this.choice(depth),
      () =>
        `try {\n${this.block(depth - 1)}\nif (${this.expression()}) throw new Error("x");\n} catch (e) {\n${this.block(depth - 1)}\n}`,
      () =>
        `try {\ntry {\n${this.block(depth - 1)}\nif (${this.expression()}) throw new Error("y");\n} finally {\nprint(${this.expression()});\n}\n} catch (e) {\nprint(e.message);\n}`,
      () => this.closure(depth),
      () =>
        this.keeps
          ? `later.push(() => print(${this.within(() => this.expression())}));`
          : `print(${this.expression()});`,
      () => `(function () {\n${this.block(depth - 1)}\n})();`,
      () => `{\n${this.block(depth - 1)}\n}`,
    ];
    return this.one(depth > 0 ? [...simple, ...simple, ...nested] : simple)();
  }

  private declaration(): string {
    const kind = this.pick(5);
    if (kind == 0) {
      const value = this.text(1);
      return `let ${this.add(this.fresh("s"), "text", false)} = ${value};`;
    }
    if (kind == 1 && this.known("number").length) {
      const value = this.one(this.known("number")).name;
      return `const ${this.add(this.fresh("k"), "number")} = ${value};`;
    }
    const value = this.expression();
    const fixed = kind < 4;
    return `${fixed ? "const" : "let"} ${this.add(this.fresh("v"), "number", fixed)} = ${value};`;
  }

  private assignment(): string {
    const open = this.known("number").filter(({ fixed }) => !fixed);
    const texts = this.known("text");
    const objects = this.known("object");
    const operator = this.one(["=", "+=", "-=", "|=", "&="]);
    const forms: (() => string)[] = [() => `print(${this.expression()});`];
    if (open.length) forms.push(() => `${this.one(open).name} ${operator} ${this.expression()};`);
    if (open.length) {
      const { name } = this.one(open);
      forms.push(() => `${name} = ${name} ${this.one(["+", "-", "|"])} ${this.expression()};`);
    }
    if (objects.length) forms.push(() => `${this.one(objects).name}.n ${operator} ${this.expression()};`);
    if (texts.length) forms.push(() => `${this.one(texts).name} += ${this.text(1)};`);
    if (texts.length) forms.push(() => `print(${this.one(texts).name}.substr(-9));`);
    return this.one(forms)();
  }

  private loop(depth: number): string {
    const body = (): string => this.block(depth - 1);
    const i = this.fresh("i");
    const inner = (): string =>
      this.within(() => {
        this.add(i, "number");
        return this.one([body, () => `const ${this.add(this.fresh("c"), "number")} = ${i};\n${body()}`])();
      });
    return this.one([
      () => `for (let ${i} = 0; ${i} < ${1 + this.pick(2)}; ${i}++) {\n${inner()}\n}`,
      () => `for (const ${i} of [${this.expression(1)}, 2]) {\n${inner()}\n}`,
      () => `[1, ${this.expression(1)}].forEach((${i}) => {\n${inner()}\n});`,
      () => `let ${i} = ${1 + this.pick(2)};\nwhile (${i}-- > 0) {\n${this.block(depth - 1)}\n}`,
    ])();
  }

  private choice(depth: number): string {
    const part = (): string => `{\n${this.block(depth - 1, 2)}\n}`;
    return `switch (${this.expression()}) {\ncase 0: ${part()}\ncase 1: ${part()} break;\ndefault: ${part()}\n}`;
  }

  /** A function that only what follows calls, so that nothing runs for ever. */
  private closure(depth: number): string {
    const name = this.fresh("f");
    const text = `const ${name} = ${this.fn(depth)};`;
    this.add(name, "function");
    return text;
  }

  /** A variable of the program, a function that does nothing but return it, and one that may change it. */
  getter(): string {
    const [name, get, set] = [this.fresh("v"), this.fresh("get"), this.fresh("set")];
    const value = this.expression(1);
    this.add(name, "number", false);
    this.add(`${get}()`, "number");
    const change = this.pick(2) ? `\nfunction ${set}(x, y) {\n${name} = ${name} - y;\nreturn x;\n}` : "";
    if (change) this.add(set, "function");
    const [outer, outermost] = [this.fresh("get"), this.fresh("get")];
    this.add(`${outermost}()`, "number");
    const more = `\nfunction ${outer}() {\nreturn ${get}();\n}\nconst ${outermost} = () => ${outer}();`;
    return `let ${name} = ${value};\nfunction ${get}() {\nreturn ${name};\n}${change}${this.pick(2) ? more : `\nconst ${outermost} = ${get};`}`;
  }

  /** An object that comes later, if at all: from a function that is called once, or from what the program calls twice. */
  lateObject(): [declare: string, set: string] {
    const [name, get, fill] = [this.fresh("box"), this.fresh("getBox"), this.fresh("fill")];
    this.add(name, "box");
    this.add(`${get}()`, "box");
    const maybe = this.pick(2) ? "if (!go) return;\n" : "";
    const value = this.one(["o1", "o2", "{ n: go, get: (x) => x + 1, set: plain }"]);
    const twice = this.pick(3) == 0;
    const set = `${twice ? "" : "/** @once */\n"}function ${fill}(go) {\n${maybe}${name} = ${value};\n}\n${fill}(${this.pick(3)});`;
    return [
      `let ${name};\nfunction ${get}() {\nreturn ${name};\n}`,
      twice ? `${set}\nprint(${this.box(1)});\n${fill}(${this.pick(3)});` : set,
    ];
  }

  fn(depth: number): string {
    const [a, b] = [this.fresh("a"), this.fresh("b")];
    const body = this.within(() => {
      this.add(a, "number", this.pick(2) == 0);
      this.add(b, "number");
      const end = (): string => `return ${this.expression()};`;
      return this.pick(2)
        ? `${this.list(depth - 1, 1 + this.pick(2))}\n${end()}`
        : `if (${a} > ${b}) { ${end()} }\n${end()}`;
    });
    return `(${a}, ${b}) => {\n${body}\n}`;
  }

  /** A factory, and its one call: what it returns is an object, a function, or nothing. */
  factory(depth: number): string {
    const name = this.fresh("create");
    const [p, q] = [this.fresh("p"), this.fresh("q")];
    const outer = this.known("number", "function", "object", "late");
    const given = outer.length && this.pick(2) ? this.one(outer) : undefined;
    const first = given?.name ?? this.expression(1);
    const second = this.pick(3) ? this.expression(1) : this.fn(1);
    const returns = this.pick(4);
    const body = this.within(() => {
      this.add(p, given?.kind ?? "number", given !== undefined || this.pick(2) == 0);
      this.add(q, second.includes("=>") && second.startsWith("(a") ? "function" : "number");
      const state = this.add(this.fresh("n"), "number", false);
      const lines = [`let ${state} = ${this.pick(3)};`];
      if (this.pick(2)) lines.push(this.factoryOrStatement(depth - 1));
      const step = this.fresh("step");
      lines.push(
        `function ${step}(x) {\n${state} = ${state} + x;\nreturn ${this.within(() => (this.add("x", "number"), this.expression()))};\n}`,
      );
      lines.push(this.statement(0));
      if (this.pick(3) == 0) lines.push(`if (${this.expression(1)} > ${this.one([900, 3])}) return;`);
      if (returns == 0) lines.push(this.statement(1));
      if (returns == 1) lines.push(`return (x, y) => ${step}(x + y);`);
      if (returns >= 2) lines.push(...this.result(state, step, returns == 3));
      return lines.join("\n");
    });
    const made = this.fresh("made");
    const text = `/** @once */\nfunction ${name}(${p}, ${q}) {\n${body}\n}\nconst ${made} = ${name}(${first}, ${second});`;
    if (body.includes("return;") || returns == 0) return `${text}\nprint(typeof ${made});`;
    this.add(made, returns == 1 ? "function" : "object");
    return text;
  }

  /** What the owner of a module calls, and again after it has thrown. */
  exported(): string {
    const start = this.fresh("start");
    const ok = this.fresh("ok");
    const running = this.fresh("running");
    this.keeps = false;
    const body = this.within(() => {
      this.add(ok, "number");
      const lines = [`if (${running}) throw new Error("already");`, this.factory(1), this.statement(1)];
      return [...lines, `if (!${ok}) throw new Error("no");`, this.statement(1), `${running} = true;`].join("\n");
    });
    this.keeps = true;
    const calls = [0, 1, 1].map((value) => `try {\nexports.${start}(${value});\n} catch (e) {\nprint(e.message);\n}`);
    return `let ${running} = false;\n/** @once */\nfunction ${start}(${ok}) {\n${body}\n}\nexports.${start} = ${start};\n${calls.join("\n")}`;
  }

  private result(state: string, step: string, named: boolean): string[] {
    const api = named ? this.fresh("self") : "";
    const n = named ? `${api}.n` : state;
    const object = `{ n: ${this.pick(5)}, get: (x) => ${step}(x & 7), set(x) { ${n} = x; return ${n}; } }`;
    return named ? [`const ${api} = ${object};`, `return ${api};`] : [`return ${object};`];
  }

  private factoryOrStatement(depth: number): string {
    return depth > 0 && this.pick(2) ? this.factory(depth) : this.statement(1);
  }

  /** A variable that gets its value later, in a function that is called once. */
  lateVariable(): [declare: string, set: string] {
    // Made first, so that it cannot call itself.
    const fn = this.pick(2) ? this.fn(1) : "plain";
    const name = this.add(this.fresh("late"), "late");
    const use = this.fresh("use");
    const copy = this.fresh("early");
    const early = this.pick(2) ? `const ${copy} = ${name};\nlater.push(() => print(typeof ${copy}));` : "";
    const maybe = this.pick(2) ? `if (!go) return;\n` : "";
    const get = this.fresh("get");
    this.add(`${get}()`, "late");
    const set = `/** @once */\nfunction ${use}(fn, go) {\n${maybe}${name} = fn;\n}\n${use}(${fn}, ${this.pick(3)});`;
    const held = this.fresh("held");
    const hold = `function ${held}(value) {\nreturn () => (value ? value(1, 2) : -1);\n}\nlater.push(${held}(${name}));\n`;
    return [
      `let ${name};\nfunction ${get}() {\nreturn ${name};\n}\n${early}\n${this.pick(2) ? hold : ""}`,
      `${set}\n${this.pick(2) ? `later.push(() => print((${name} ? 1 : 0)));` : ""}`,
    ];
  }

  program(): string {
    const parts = ["const later = [];", "const plain = (x, y) => x - y;"];
    this.add("plain", "function");
    const [declare, set] = this.lateVariable();
    parts.push(declare, `const o1 = { n: 1, get(x) { return this.n + x; }, set: (x) => x };`);
    parts.push("function getN(x) {\nreturn this.n - x;\n}\nconst o2 = { n: 2, get: getN, set: plain };");
    this.add("o1", "object");
    this.add("o2", "object");
    const [declareBox, setBox] = this.lateObject();
    parts.push(declareBox, this.getter());
    const size = 3 + this.pick(4);
    const when = this.pick(size);
    const whenBox = this.pick(size);
    for (let i = 0; i < size; i++) {
      if (i == when) parts.push(set);
      if (i == whenBox) parts.push(setBox);
      this.singles = [];
      const made = this.one([
        () => this.factory(2),
        () => this.factory(2),
        () => this.statement(2),
        () => this.exported(),
      ])();
      parts.push(...this.singles, made);
    }
    this.singles = undefined;
    parts.push(`print(${this.expression()});`, "for (const one of later.splice(0, 9)) one();");
    return parts.join("\n");
  }
}

/** A program without factories. */
export const statements: fc.Arbitrary<string> = fc.gen().map((g) => {
  const maker = new Maker((n) => g(fc.nat, { max: n - 1 }));
  return `const later = [];\n${maker.list(3, 6)}\nfor (const one of later.splice(0, 9)) one();`;
});

/** A program with factories that are called once. */
export const factories: fc.Arbitrary<string> = fc
  .gen()
  .map((g) => new Maker((n) => g(fc.nat, { max: n - 1 })).program());
