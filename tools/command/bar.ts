/** The progress of a binding as one bar with the step's name and the time since the last one. */
import { API_NOT_REPORTED } from "../../sim/app/api.js";
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

/** How far a step is, 0-1, and what goes on after it. A device tells its steps only where its label holds a proof. */
function place(step: BindStep): [share: number, doing: string] | undefined {
  const all = STEPS.length + 3;
  switch (step.step) {
    case "discovered":
      return [1 / all, "the device gets its credentials"];
    case "accepted":
      return [2 / all, "the device joins the network and goes to the cloud"];
    case "provisioning":
      return [(STEPS.indexOf(step.progress) + 3) / all, DOING[step.progress]];
    case "called":
      return API_NOT_REPORTED.includes(step.code) ? undefined : [(all - 1) / all, "the cloud decides"];
    case "offline":
      return undefined;
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
    const next = place(step);
    // What is only waited for goes on.
    if (next) {
      [this.share, this.doing] = next;
      this.since = Date.now();
    }
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
