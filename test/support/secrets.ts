/** Keeps what tests use as secrets and what everybody says, and finds the one in the other. Values are never told. */

/** Characters that are enough to recognise the beginning of a secret by; shorter ones cannot be told from other text. */
const LEAST = 8;
/** A secret that is a word of the language stands in honest sentences, too. */
const WORD = /^[a-z]+$/;

/** How a secret may look in a text. */
function forms(value: string): [form: string, text: string][] {
  const bytes = Buffer.from(value, "latin1");
  const hex = bytes.toString("hex");
  // In base64 of a longer text, its middle depends on where it begins.
  const inside = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    return text.slice(before ? before + 1 : 0, bytes.length % 3 || before ? -2 : undefined);
  });
  return [
    ["as it is", value],
    ["in hex", hex],
    ["in HEX", hex.toUpperCase()],
    ...inside.map((text): [string, string] => ["in base64", text]),
  ];
}

interface Kept {
  name: string;
  form: string;
  text: string;
}

export class Watch {
  /** Forms of all secrets, by their first characters. */
  private readonly forms = new Map<string, Kept[]>();
  private readonly known = new Set<string>();
  private readonly texts = new Map<string, Set<string>>();
  private readonly allowed = new Set<string>();

  /** Keeps a secret. @param name what it is, for messages @param value a byte string */
  secret(name: string, value: string | undefined): void {
    if (!value || value.length < LEAST || WORD.test(value) || this.known.has(value)) return;
    this.known.add(value);
    for (const [form, text] of forms(value)) {
      const begin = text.slice(0, LEAST);
      if (begin.length < LEAST) continue;
      const list = this.forms.get(begin) ?? [];
      list.push({ name, form, text });
      this.forms.set(begin, list);
    }
  }

  /** False while a test makes a device print all of its memory, which it searches by itself. */
  listening = true;

  /** Forgets what was said and what is secret: another file begins. */
  begin(): void {
    this.forms.clear();
    this.known.clear();
    this.texts.clear();
    this.listening = true;
  }

  /** Keeps what somebody has said. */
  said(source: string, text: string): void {
    if (!this.listening) return;
    const lines = this.texts.get(source) ?? new Set();
    lines.add(text);
    this.texts.set(source, lines);
  }

  /** Somebody is asked for a secret by its name, and may say it. */
  allow(source: string, name: string): void {
    this.allowed.add(`${source}/${name}`);
  }

  /** A listener that keeps what a cloud tells, here and in a list. */
  events<T>(list: T[]): (event: T) => void {
    return (event) => {
      list.push(event);
      this.said("an event of the cloud", JSON.stringify(event));
    };
  }

  /** Every secret that somebody has said: its name, its form and who it was. */
  leaks(): string[] {
    const found = new Set<string>();
    for (const [source, lines] of this.texts) {
      for (const { name, form } of [...lines].flatMap((line) => [...this.in(line)])) {
        if (!this.allowed.has(`${source}/${name}`)) found.add(`${source} has said: ${name}, ${form}`);
      }
    }
    return [...found];
  }

  /** How much was looked at. */
  summary(): string {
    const lines = [...this.texts.values()].reduce((sum, { size }) => sum + size, 0);
    return `${this.known.size} secrets in none of ${lines} texts from ${this.texts.size} sources`;
  }

  private *in(line: string): Generator<Kept> {
    for (let at = 0; at + LEAST <= line.length; at++) {
      for (const kept of this.forms.get(line.slice(at, at + LEAST)) ?? []) {
        if (line.startsWith(kept.text, at)) yield kept;
      }
    }
  }
}

/** Of the whole test run. */
export const watch = new Watch();
