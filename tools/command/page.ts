/** The console's page, where it was built. */
import { existsSync } from "node:fs";
import type { ConsoleOptions } from "../../sim/cloud/index.js";
import { packageFile } from "./package.js";

/** @param press the buttons of simulated devices of this process */
export function consoleOf(press?: ConsoleOptions["press"]): ConsoleOptions | undefined {
  const page = packageFile("build", "console");
  return existsSync(page) ? { page, press, firmware: packageFile("build") } : undefined;
}
