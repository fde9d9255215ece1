/** What every part of the bench gives: figures, one at a time, or the reason why it cannot be measured here. */

import { findEspruino } from "../sim/emulator/interpreter/find.js";

export interface Figure {
  part: string;
  name: string;
  value: number | string;
  unit: string;
  /** What the same thing costs in another library, in the same run, and how many times ours that is. */
  peer?: string;
  ratio?: number;
  note?: string;
}

export interface BenchOptions {
  /** Sizes of the fleets. */
  devices: number[];
  /** Devices that are provisioned at the same time. */
  concurrency: number;
  /** Repetitions of what is counted or timed. */
  repeat: number;
  /** Path of an application of one's own, for its size and its RAM. */
  app?: string;
  /** Folder with the other MQTT modules. */
  peers?: string;
  onProgress: (text: string) => void;
}

export type Part = (options: BenchOptions) => AsyncGenerator<Omit<Figure, "part">>;

/** This machine lacks something; the message says what to do. */
export class Skipped extends Error {}

/** @throws Skipped when there is no real interpreter */
export function needInterpreter(): string {
  const binary = findEspruino();
  if (!binary) throw new Skipped("needs a Linux build of Espruino: put it on the PATH or name it in $ESPRUINO");
  return binary;
}

export const round = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits;
