/** The cloud of the fleet bench, told by messages: first the products, then questions for what it has counted. */
import { startCloud, type Products } from "../sim/cloud/index.js";
import { memory } from "./memory.js";

const bound: Record<string, number> = {};

process.on("message", (message: Products | { count: true }) => {
  if ("count" in message) return void memory().then((now) => process.send!({ bound, memory: now }));
  const onEvent = ({ event, dk }: { event: string; dk?: string }): void => {
    if (event === "bound" && dk) bound[dk] = (bound[dk] ?? 0) + 1;
  };
  void startCloud({ ...message, onEvent }).then(({ http, mqtt }) => process.send!({ http, mqtt }));
});
process.on("disconnect", () => process.exit());
