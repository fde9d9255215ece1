/** The content of a frame as a tree of nodes. Every value is text, whatever a device has put into it. */
import type { DecodedFrame } from "../../sim/decode/index.js";
import { plain } from "../parts/words.js";

type Nodes = DecodedFrame["nodes"];

function valueOf({ type, value, meaning }: Nodes[number]): string {
  const shown = plain(String(value ?? ""));
  const text = type === "text" ? `"${shown}"` : shown;
  return meaning ? `${text} (${meaning})` : text;
}

function Branches({ nodes }: { nodes: Nodes }) {
  return (
    <ul>
      {nodes.map((node, at) => (
        <li key={at}>
          <span class="id">{node.id}</span> <span class="name">{node.name}</span> <span class="type">{node.type}</span>{" "}
          {node.children ? <Branches nodes={node.children} /> : <code>{valueOf(node)}</code>}
        </li>
      ))}
    </ul>
  );
}

export function Tree({ frame }: { frame?: DecodedFrame }) {
  if (!frame) return <p class="quiet">These bytes are no frame of the protocol.</p>;
  const { nodes, problems } = frame;
  return (
    <div class="tree">
      {nodes.length ? <Branches nodes={nodes} /> : <p class="quiet">No content.</p>}
      {problems.map((problem) => (
        <p class="problem" key={problem}>
          {problem}
        </p>
      ))}
    </div>
  );
}
