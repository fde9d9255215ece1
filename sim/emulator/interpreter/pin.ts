/**
 * Keeps the interpreter on one processor, and with the process that started it. Its Linux build reads the keyboard in a
 * second thread that shares a buffer with the first without a lock; on two processors at once, typed characters are lost
 * and the buffer breaks for good. And it looks at its input only while it has a console there: when its parent is killed,
 * firmware that has none would go on and hold its ports.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const STATUS = "/proc/self/status";

/** Numbers of the processors that this process may use, from a list as `0,2-3`; none where the system does not say. */
function processors(): number[] {
  const list = existsSync(STATUS)
    ? /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(STATUS, "latin1"))?.[1]
    : undefined;
  return (list ?? "").split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return range ? Array.from({ length: last - first + 1 }, (_, at) => first + at) : [];
  });
}

/** Ends a program with its parent (Linux). */
const WITH_PARENT = ["setpriv", "--pdeathsig", "KILL"];

const allowed = processors();
let hasTaskset: boolean | undefined;
let hasSetpriv: boolean | undefined;
let next = 0;

/**
 * The command that runs a program on one processor, each time on the next, and ends it with this process, however that
 * ends; as far as the system has `taskset` and `setpriv`.
 */
export function pinned(binary: string, args: string[]): [command: string, args: string[]] {
  hasTaskset ??= allowed.length > 0 && spawnSync("taskset", ["--version"]).status === 0;
  hasSetpriv ??= allowed.length > 0 && spawnSync(WITH_PARENT[0], [...WITH_PARENT.slice(1), "true"]).status === 0;
  const [command, ...rest] = [
    ...(hasSetpriv ? WITH_PARENT : []),
    ...(hasTaskset ? ["taskset", "-c", String(allowed[next++ % allowed.length])] : []),
    binary,
    ...args,
  ];
  return [command, rest];
}
