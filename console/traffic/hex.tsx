/** Bytes in hexadecimal, 16 a line, with their letters beside them. */

const WIDTH = 16;

export function Hex({ hex }: { hex: string }) {
  const pairs = hex.match(/../g) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < pairs.length; at += WIDTH) {
    const line = pairs.slice(at, at + WIDTH);
    const letters = line.map((pair) => {
      const code = parseInt(pair, 16);
      return code >= 32 && code < 127 ? String.fromCharCode(code) : "·";
    });
    lines.push(`${at.toString(16).padStart(4, "0")}  ${line.join(" ").padEnd(WIDTH * 3)} ${letters.join("")}`);
  }
  return (
    <pre class="hex" tabIndex={0} aria-label="bytes">
      {lines.join("\n")}
    </pre>
  );
}
