/** `wifi-binding press`: presses the button of a simulated device. */
import { Argument, type Command } from "commander";
import { BUTTON, PRESSES, pressAt, type Press } from "./button.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { loopback } from "./values.js";

const EXAMPLES = `
Examples:
  wifi-binding press open
  wifi-binding press provision --device 127.0.0.2

BTN1 is pressed. The plain firmware makes of it: open, a short press: the device opens a binding window and gives a code to
an app that knows its network. provision, held for 5 s: it takes other Wi-Fi credentials. reset, held for 10 s: it forgets
network and binding. An application of \`device --app\` makes of it what it likes.`;

async function act(what: Press, options: { device: string; json?: boolean }, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  await pressAt(options.device, what);
  const { long, does } = PRESSES[what];
  const text = `${BUTTON} pressed ${long}: the plain firmware ${does}`;
  output.tell({ event: "pressed", press: what, device: options.device }, text);
}

export function addPress(program: Command, io: Io): void {
  program
    .command("press")
    .description("press the button of a device that `device` runs")
    .addArgument(new Argument("<what>", "how long").choices(Object.keys(PRESSES)))
    .option("--device <address>", "loopback address of the device", loopback, "127.0.0.1")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((what: Press, options: { device: string; json?: boolean }) => act(what, options, io));
}
