/** The content of a frame as a tree of TTLV nodes. Every value is text, whatever a device has put into it. */
import { decodeTtlv, type Node, type Value } from "../../src/codec/ttlv.js";
import { idName } from "./names.js";
import type { Row } from "./row.js";

const TYPES: Record<string, string> = { boolean: "bool", number: "number", string: "text" };

const hexOf = (bytes: string): string =>
  [...bytes].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join(" ");

/** UTF-8 as text, anything else in hexadecimal. */
function shown(value: Exclude<Value, Node[]>, raw: boolean): string {
  if (typeof value !== "string") return String(value);
  const text = new TextDecoder("utf-8").decode(Uint8Array.from(value, (letter) => letter.charCodeAt(0)));
  return raw || /[\p{Cc}\ufffd]/u.test(text) ? hexOf(value) : `"${text}"`;
}

function Branch({ cmd, node, path }: { cmd: number; node: Node; path: number[] }) {
  const [id, value, raw] = node;
  const here = [...path, id];
  const list = Array.isArray(value);
  return (
    <li>
      <span class="id">{id}</span> <span class="name">{idName(cmd, here)}</span>{" "}
      <span class="type">{list ? "struct" : raw ? "bytes" : TYPES[typeof value]}</span>{" "}
      {list ? <Branches cmd={cmd} nodes={value} path={here} /> : <code>{shown(value, raw === true)}</code>}
    </li>
  );
}

function Branches({ cmd, nodes, path }: { cmd: number; nodes: Node[]; path: number[] }) {
  return (
    <ul>
      {nodes.map((node, at) => (
        <Branch key={at} cmd={cmd} node={node} path={path} />
      ))}
    </ul>
  );
}

export function Tree({ row }: { row: Row }) {
  if (row.cmd === undefined) return <p class="quiet">These bytes are no frame of the protocol.</p>;
  if (!row.data) return <p class="quiet">No content.</p>;
  const nodes = decodeTtlv(row.data);
  if (!nodes) return <p class="quiet">The content is no TTLV: {hexOf(row.data)}</p>;
  return (
    <div class="tree">
      <Branches cmd={row.cmd} nodes={nodes} path={[]} />
    </div>
  );
}
