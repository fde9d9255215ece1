/** The progress of a binding as one bar with the step's name and the time since the last one. */
import { STEPS, type BindStep } from "../../sim/app/index.js";
import type { Output } from "./output.js";

const WIDTH = 20;
const REFRESH_MS = 1000;

/** What the device does after it has told a step. */
const DOING: Record<string, string> = {
  scan: "the device looks for the network",
  router: "the device joins the network",
  authentication: "the device authenticates to the cloud",
  login: "the device logs in to the cloud",
  authorisation: "the cloud authorises the device",
  binding: "the device reports its bindingCode",
  success: "the device has done its part",
};

/** How far a step is, 0-1, and what goes on after it. */
function place(step: BindStep): [share: number, doing: string] {
  const all = STEPS.length + 2;
  switch (step.step) {
    case "discovered":
      return [1 / all, "the device gets its credentials"];
    case "provisioning":
      return [(STEPS.indexOf(step.progress) + 2) / all, DOING[step.progress]];
    default:
      return [(all - 1) / all, "the cloud decides"];
  }
}

export class Bar {
  private share = 0;
  private doing = "";
  private since = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly output: Output) {}

  show(step: BindStep): void {
    [this.share, this.doing] = place(step);
    this.since = Date.now();
    this.timer ??= setInterval(() => this.draw(), REFRESH_MS);
    this.draw();
  }

  end(): void {
    clearInterval(this.timer);
    this.output.progress("");
  }

  private draw(): void {
    const full = Math.round(this.share * WIDTH);
    const seconds = Math.floor((Date.now() - this.since) / 1000);
    const bar = "█".repeat(full) + "░".repeat(WIDTH - full);
    this.output.progress(`${bar}  ${this.doing}${seconds ? `, ${seconds} s` : ""}`);
  }
}
