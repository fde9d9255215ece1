/** A decoded frame, packet or other bytes, in lines for people. */
import { counted } from "../../sim/decode/bytes.js";
import type { DecodedFrame, DecodedNode, DecodedPacket, Item } from "../../sim/decode/index.js";
import { pairs, type Output } from "./output.js";

type Paint = Output["paint"];

/** Characters in a line of hexadecimal: 32 pairs, a space behind each. */
const WIDTH = 96;

const WAYS = { up: "from the device", down: "to the device" };

function valueText({ type, value, meaning, children, size, secret, mark }: DecodedNode): string {
  const known = meaning === undefined ? "" : `  (${meaning})`;
  if (secret) return `** (secret${mark === undefined ? "" : ` ${mark}`}, ${counted(size, "byte")})${known}`;
  if (children) return children.length ? "" : "empty";
  if (type === "id") return "";
  const text = type === "text" ? JSON.stringify(value) : String(value ?? "");
  return text + known;
}

function nodeLines(nodes: DecodedNode[], indent: string): string[] {
  const width = Math.max(0, ...nodes.map(({ name }) => name?.length ?? 0));
  return nodes.flatMap((node) => {
    const name = width ? `  ${(node.name ?? "").padEnd(width)}` : "";
    const line = `${indent}${String(node.id).padStart(4)}${name}  ${valueText(node)}`.trimEnd();
    return [line, ...nodeLines(node.children ?? [], `${indent}    `)];
  });
}

function hexLines(hex: string, paint: Paint): string[] {
  const lines: string[] = [];
  for (let at = 0; at < hex.length; at += WIDTH) lines.push(paint.dim(`    ${hex.slice(at, at + WIDTH).trimEnd()}`));
  return lines;
}

const faults = (problems: string[], paint: Paint): string[] => problems.map((one) => paint.red(`    ! ${one}`));

function frameLines(frame: DecodedFrame, paint: Paint): string[] {
  const { cmd, name = "unknown command", direction, id, length, checksum, sealed, nodes, hex, problems, at } = frame;
  const words = [
    `${paint.bold(cmd)} ${paint.cyan(name)}`,
    direction ? WAYS[direction] : "either way",
    `id ${id}`,
    `length ${length}`,
    `checksum ${checksum}`,
    sealed === "opened" ? "sealed" : "",
    problems.length ? `at offset ${at}` : "",
  ];
  return [
    words.filter(Boolean).join("  "),
    ...nodeLines(nodes, ""),
    ...hexLines(hex, paint),
    ...faults(problems, paint),
  ];
}

function packetLines({ packet, direction, fields, frame, hex, problems }: DecodedPacket, paint: Paint): string[] {
  const head = `${paint.bold(packet)}  ${direction ? `${WAYS[direction]}  ` : ""}${pairs(fields)}`.trimEnd();
  const inside = frame ? frameLines(frame, paint).map((line) => `  ${line}`) : [];
  return [head, ...inside, ...(hex === undefined ? [] : hexLines(hex, paint)), ...faults(problems, paint)];
}

export function itemLines(item: Item, paint: Paint): string[] {
  if (item.kind === "frame") return frameLines(item, paint);
  if (item.kind === "mqtt") return packetLines(item, paint);
  return [
    `${counted(item.size, "byte")} at offset ${item.at}`,
    ...hexLines(item.hex, paint),
    ...faults(item.problems, paint),
  ];
}

/** What is wrong with an item, or with the frame in it. */
export function problemsOf(item: Item): string[] {
  const inside = item.kind === "mqtt" ? (item.frame?.problems ?? []) : [];
  return [...item.problems, ...inside];
}
