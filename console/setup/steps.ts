/** Steps of a setup, one after the other, each with its state and its error in one sentence. */
import { signal } from "@preact/signals";

export interface Step {
  title: string;
  state: "running" | "done" | "failed";
  /** How far it is, or why it failed. */
  detail?: string;
}

/** The box of the page that stands for the options of the command. */
export const REPLACE = "Replace what the board holds";

/** The sentence of an error; where it names an option of the command, the box. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/(?:give )?--(?:force|compact)\b/, `tick “${REPLACE}”`)
    .replace(/” replaces it/, "” to replace it");
}

export class Steps {
  readonly list = signal<readonly Step[]>([]);

  clear(): void {
    this.list.value = [];
  }

  /** Runs a step. @returns what it brings, or undefined when it fails: the list says why */
  async run<T>(title: string, work: (tell: (detail: string) => void) => Promise<T>): Promise<T | undefined> {
    const at = this.list.value.length;
    const show = (step: Step): void => {
      this.list.value = [...this.list.value.slice(0, at), step];
    };
    show({ title, state: "running" });
    try {
      let told: string | undefined;
      const result = await work((detail) => show({ title, state: "running", detail: (told = detail) }));
      show({ title, state: "done", detail: told });
      return result;
    } catch (error) {
      show({ title, state: "failed", detail: messageOf(error) });
      return undefined;
    }
  }
}
