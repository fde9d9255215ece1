/** Steps of a setup, one after the other, each with its state and its error in one sentence. */
import { signal } from "@preact/signals";

export interface Step {
  title: string;
  state: "running" | "done" | "failed";
  /** How far it is, or why it failed. */
  detail?: string;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

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
      const result = await work((detail) => show({ title, state: "running", detail }));
      show({ title, state: "done" });
      return result;
    } catch (error) {
      show({ title, state: "failed", detail: messageOf(error) });
      return undefined;
    }
  }
}
