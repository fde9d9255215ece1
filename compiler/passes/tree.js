/** Walking a syntax tree: acorn's, or TypeScript's, whose nodes name their parent openly. */

/** Runs `visit` on every node below `node`, stopping below nodes for which it returns false. */
export function walk(/** @type {any} */ node, /** @type {(node: any) => boolean | void} */ visit) {
  if (visit(node) === false) return;
  for (const [key, value] of Object.entries(node)) {
    if (key == "parent") continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child.type == "string") walk(child, visit);
    }
  }
}

/** Tells each child of a node its parent; hidden, so that nobody who walks the tree walks in circles. @param {any} node */
export function setParents(node) {
  for (const child of Object.values(node).flat()) {
    if (child?.type) Object.defineProperty(child, "parent", { value: node });
  }
}
