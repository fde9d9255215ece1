/** One fleet in a process of its own: is told its size, tells how far it is, and what it has measured. */

import { fleet, type FleetOptions, type FleetResult } from "./fleet.js";

/** What it tells. */
export type Told = { done: number } | { result: FleetResult } | { error: string };

const tell = (told: Told): void => void process.send!(told);

process.on("message", (options: FleetOptions) => {
  fleet({ ...options, onProgress: (done) => tell({ done }) }).then(
    (result) => tell({ result }),
    (error: Error) => tell({ error: error.message }),
  );
});
process.on("disconnect", () => process.exit());
