/** The app of test/clients, in Python, which shares no code with this project. Needs python3 with the package cryptography. */

import { execFile, spawnSync } from "node:child_process";

export const PYTHON = "/usr/bin/python3";

export const canRunClient = spawnSync(PYTHON, ["-c", "import cryptography"]).status === 0;

export interface ClientRun {
  status: number;
  /** What it prints: one object a line. */
  told: Record<string, unknown>[];
  error: string;
}

/** Runs it until it ends. @param heard told each object as it is printed */
export function client(args: string[], heard: (told: Record<string, unknown>) => void = () => {}): Promise<ClientRun> {
  return new Promise((resolve) => {
    const told: ClientRun["told"] = [];
    let rest = "";
    const child = execFile(PYTHON, ["test/clients/app.py", ...args], { timeout: 30_000 }, (error, _stdout, stderr) => {
      resolve({ status: error ? Number(error.code ?? 1) : 0, told, error: stderr });
    });
    child.stdout!.on("data", (piece: string) => {
      const lines = (rest + piece).split("\n");
      rest = lines.pop()!;
      for (const line of lines.filter(Boolean)) {
        told.push(JSON.parse(line) as Record<string, unknown>);
        heard(told.at(-1)!);
      }
    });
  });
}
