/** What a server may answer to a device that loads an update, and the tests of an answer that is refused. */

import type { Socket } from "node:net";

import { expect } from "chai";

import type { EngineName } from "../../../sim/emulator/index.js";
import { UPDATE_FAILED } from "../../../src/codec/commands.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { updateFile } from "./files.js";
import { startRawServer, type RawServer, type Request } from "./raw-server.js";
import { Rig } from "./rig.js";

export const FILE = updateFile();
export const TOTAL = FILE.length;
export const END = "\r\n\r\n";

export type Answer = (socket: Socket, request: Request) => void;

export const partial = (from: number, last: number, total: number | string = TOTAL): string =>
  `HTTP/1.1 206 Partial Content\r\nContent-Range: bytes ${from}-${last}/${total}`;
export const part = ({ from, last }: Request): Buffer => FILE.subarray(from, last + 1);

/** Writes pieces, each a moment after the one before, while somebody is there. */
export function drip(socket: Socket, pieces: (string | Buffer)[], end = true): void {
  const [first, ...rest] = pieces;
  if (socket.destroyed) return;
  if (first === undefined) {
    if (end) socket.end();
    return;
  }
  socket.write(first);
  setTimeout(() => drip(socket, rest, end), 1);
}

export const split = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, at) => text.slice(at * length, (at + 1) * length));

/** An answer that never becomes an update, and the code. */
export type Refused = [what: string, code: string, answer: Answer];

/** A device and a server for each test of an engine. */
export class Case {
  server!: RawServer;
  rig!: Rig;

  constructor(private readonly name: EngineName) {
    before(function () {
      if (!hasEngine(name)) this.skip();
    });
    afterEach(async () => {
      this.server.stop();
      await this.rig.device.stop();
      expect(this.rig.device.uncaught.slice(0, 2)).to.deep.equal([]);
    });
  }

  async push(answer: Answer): Promise<void> {
    this.server = await startRawServer(answer);
    this.rig = await Rig.start(this.name, { haste: 20 });
    await this.rig.push(this.server.url, TOTAL);
  }
}

/**
 * Cases that mostly wait: in the emulator they begin one after the other and then wait together; the real interpreter
 * cannot share a network with another one.
 * @param begin starts the device @returns what comes of a case, from there on
 * @returns what has come of a case, by its place
 */
export function together<C, O>(
  name: EngineName,
  cases: C[],
  begin: (one: C) => Promise<() => Promise<O>>,
): (at: number) => Promise<O> {
  const outcomes: Promise<O>[] = [];
  before(async function () {
    if (!hasEngine(name)) return this.skip();
    if (name !== "emulator") return;
    const begun: (() => Promise<O>)[] = [];
    for (const one of cases) begun.push(await begin(one));
    for (const goOn of begun) outcomes.push(goOn());
    // Each is the failure of its own test.
    for (const outcome of outcomes) outcome.catch(() => {});
  });
  return async (at) => outcomes[at] ?? (await begin(cases[at]))();
}

/** Tests that each of these answers fails by its code, once, after all attempts. */
export function refuses(subject: string, answers: Refused[]): void {
  for (const name of ENGINES) {
    describe(`updates from a server that answers: ${subject} (${name})`, function () {
      this.timeout(90_000);
      const outcome = together(name, answers, async ([, , answer]) => {
        const server = await startRawServer(answer);
        const rig = await Rig.start(name, { haste: 20 });
        return async () => {
          try {
            await rig.push(server.url, TOTAL);
            const code = await rig.failure(60_000);
            await eventually(async () => (await rig.states()).at(-1) === UPDATE_FAILED);
            const told = (await rig.told("failed")).length;
            const slot = await rig.device.eval("appSlot");
            return { code, told, asked: server.asked.length, slot, uncaught: rig.device.uncaught.slice(0, 2) };
          } finally {
            server.stop();
            await rig.device.stop();
          }
        };
      });

      for (const [at, [what, code]] of answers.entries()) {
        it(`${what}: ${code}`, async () => {
          expect(await outcome(at)).to.deep.equal({ code, told: 1, asked: 6, slot: "a", uncaught: [] });
        });
      }
    });
  }
}
