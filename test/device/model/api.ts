/** What the application calls. */

import { expect } from "chai";
import fc from "fast-check";

import { command, WINDOW, type Command } from "./step.js";
import type { System } from "./system.js";

/** The device runs an expression. */
async function calls(system: System, expression: string): Promise<unknown> {
  const value = await system.device.eval(expression);
  await system.clock.settle();
  return value;
}

export const api: Command[] = [
  command("closeWindow()", async (model, system) => {
    await calls(system, "W.closeWindow()");
    model.close();
    model.rotates = false;
  }),
  command(
    "reset()",
    async (model, system) => {
      model.maybe.reset = true;
      await calls(system, "W.reset()");
      model.close();
      model.hasNetwork = model.bound = false;
      model.at = 0;
      model.resetPending = true;
      model.wait();
    },
    // Another bindingSecret is what the cloud then waits for: it cannot tell it from a reset.
    ({ told }) => !told,
  ),
  command("remove()", async (model, system) => {
    await calls(system, "W.remove()");
    model.hasNetwork = false;
    model.at = 0;
    model.wait();
  }),
  command("provision()", async (model, system) => {
    await calls(system, "W.provision()");
    model.wait();
  }),
];

export const opens = fc
  .tuple(
    fc.option(fc.integer({ min: 1, max: 3600 }), { nil: undefined }),
    fc.option(fc.constantFrom("0123456789ABCDEF", "FEDCBA9876543210"), { nil: undefined }),
  )
  .map(([seconds, code]) =>
    command(`openWindow(${seconds}, ${code})`, async (model, system) => {
      expect(await calls(system, `W.openWindow(${seconds},${JSON.stringify(code)})`)).to.equal(true);
      model.open(seconds ?? WINDOW, code);
    }),
  );

export const refused = fc
  .constantFrom("0", "3601", "-1", "NaN", "60,'0123456789abcdef'", "60,'0123456789ABCDE'", "60,''")
  .map((given) =>
    command(`openWindow(${given}) is refused`, async (_, system) => {
      const error = await system.device.eval(`W.openWindow(${given})`).catch((reason: Error) => reason);
      expect(error)
        .to.be.an("error")
        .with.property("message")
        .that.matches(/1-3600|16 characters/);
    }),
  );

export const advertises = fc.boolean().map((on) =>
  command(`advertise(4, ${on})`, async (model, system) => {
    await calls(system, `W.advertise(4,${on})`);
    model.bluetooth = on;
  }),
);
