/** The build's last steps on the shape of a device program: rooms are taken apart, and what is not always needed is put on pages. */

import MagicString from "magic-string";
import { minify } from "terser";

import { flatten } from "./flatten.js";
import { MAKE, paginate } from "./pages.js";

/**
 * @param {[name: string, sources: RegExp][]} pages which sources' functions stand on which page; those of others stay
 * @returns {import("rollup").Plugin[]}
 */
export function overlay(pages) {
  return [
    {
      name: "overlay",
      async renderChunk(code, chunk) {
        const program = flatten(code);
        paginate(program, pageAt(code, chunk.modules, pages));
        locate(program, program.loc);
        const printed = await minify(program, {
          parse: /** @type {any} */ ({ spidermonkey: true }),
          compress: false,
          mangle: false,
          format: { beautify: true, ascii_only: true },
          sourceMap: true,
        });
        return { code: printed.code ?? "", map: /** @type {any} */ (printed.map) };
      },
    },
    {
      // Within the function that asks for a page, all of the page would be skipped at each call.
      name: "pages-apart",
      renderChunk(code) {
        const text = new MagicString(code);
        text.replaceAll(`|| ${MAKE}`, `|| /*@__NOINLINE__*/${MAKE}`);
        return { code: text.toString(), map: text.generateMap({ hires: true }) };
      },
    },
  ];
}

/** What was made on the way stands where that stands which it was made in. @param {any} node @param {any} loc */
function locate(node, loc) {
  node.loc = node.loc?.source ? node.loc : loc;
  for (const child of Object.values(node).flat()) if (child?.type) locate(child, node.loc);
}

/**
 * Tells of each place in a chunk which page its source belongs to.
 * @param {string} code
 * @param {Record<string, { code: string | null }>} modules
 * @param {[string, RegExp][]} pages
 */
function pageAt(code, modules, pages) {
  const starts = Object.entries(modules)
    .filter(([, module]) => module.code)
    .map(([id, module]) => ({
      start: code.indexOf(module.code ?? ""),
      page: pages.find(([, sources]) => sources.test(id))?.[0],
    }))
    .filter(({ start }) => start >= 0)
    .sort((a, b) => a.start - b.start);
  return (/** @type {number} */ position) => starts.findLast((one) => one.start <= position)?.page;
}
