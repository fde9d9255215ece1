/** The course of docs/data.md: a lamp, the cloud and an app, frame by frame. */

import type { Node } from "../../../src/codec/ttlv.js";

/** Label, package id, command, content. Own package ids of the device begin behind those of its connection. */
export type Step = [label: string, id: number, cmd: number, content: Node[] | string];

export const COURSE: Step[] = [
  ["cloud → device, `bus`, read of 1 and 2", 0x0101, 0x0011, "\x00\x01\x00\x02"],
  ["device → cloud, `bus`, QoS 0, its answer", 0x0101, 0x0012, [[1, false], [2, 100]]], // prettier-ignore
  ["cloud → device, `bus`, write", 0x0102, 0x0013, [[1, true], [2, 40]]], // prettier-ignore
  ["device → cloud, `bus`, QoS 1, report", 4, 0x0014, [[1, true], [2, 40]]], // prettier-ignore
  ["device → app, LAN, the same report", 0, 0x0014, [[1, true], [2, 40]]], // prettier-ignore
  ["app → device, LAN, write", 1003, 0x0013, [[1, false]]],
  ["device → app, LAN, done", 1003, 0x7036, [[1, 0]]],
  ["device → cloud, `bus`, QoS 1, report after that", 5, 0x0014, [[1, false], [2, 40]]], // prettier-ignore
  ["device → app, LAN, report after that", 0, 0x0014, [[1, false], [2, 40]]], // prettier-ignore
  ["app → device, LAN, write of nothing", 1004, 0x0013, ""],
  ["device → app, LAN, not done", 1004, 0x7036, [[1, 5]]],
  ["app → device, LAN, read of all", 1005, 0x0011, ""],
  ["device → app, LAN, the answer to it", 1005, 0x0012, [[1, false], [2, 40]]], // prettier-ignore
  ["device → app, LAN, the answer as a report", 0, 0x0014, [[1, false], [2, 40]]], // prettier-ignore
  ["cloud → device, `bus`, write that cannot be decoded", 0x0103, 0x0013, "\x00\x0a"],
  ["device → cloud, `sys`, QoS 1, says so", 6, 0x00a4, [[1, 5], [2, 0x0103]]], // prettier-ignore
  ["cloud → device, `bus`, raw bytes", 0x0104, 0x0023, "abc"],
  ["device → cloud, `bus`, QoS 1, raw bytes", 7, 0x0024, "hello"],
  ["cloud → device, `sys`, too fast", 0x0105, 0x00a3, [[1, 10428], [2, 7]]], // prettier-ignore
  ["device → cloud, `bus`, QoS 1, all types", 8, 0x0014, [[3, 21.5], [4, "on"], [5, "\xaa\x01", true], [6, [[1, 7], [2, false]]], [7, [[0, 1], [0, 2]]]]], // prettier-ignore
];
