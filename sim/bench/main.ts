/** `npm run bench`: what the device and the cloud cost, measured on this machine. */
import { Command } from "commander";

import { fleet } from "./fleet.js";

/** A whole number of at least one. */
function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${text} is no number of at least 1`);
  return value;
}

const program = new Command("bench").description("measure; every figure of the README comes from here");

program
  .command("fleet")
  .description("bind many emulated devices through one cloud process, each exactly once")
  .option("--devices <count>", "how many", count, 500)
  .option("--concurrency <count>", "how many at the same time", count, 50)
  .option("--json", "one JSON object")
  .action(async ({ devices, concurrency, json }: { devices: number; concurrency: number; json?: boolean }) => {
    const onProgress = (bound: number): void => {
      if (process.stderr.isTTY) process.stderr.write(`\r${bound} of ${devices}`);
    };
    const result = await fleet({ devices, concurrency, onProgress });
    if (process.stderr.isTTY) process.stderr.write("\r");
    console.log(json ? JSON.stringify(result) : lines(result).join("\n"));
    process.exitCode = result.boundOnce === devices ? 0 : 1;
  });

function lines(result: object): string[] {
  return Object.entries(result).map(([name, value]) => {
    if (Array.isArray(value)) return `${name.padEnd(20)} ${value.length}${value.map((one) => `\n  ${one}`).join("")}`;
    return `${name.padEnd(20)} ${String(value)}`;
  });
}

await program.parseAsync();
