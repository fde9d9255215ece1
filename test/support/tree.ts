/** Walks a syntax tree with the nodes that each stands in. */

export interface TreeNode {
  type: string;
}

export function eachNode(node: object, visit: (node: TreeNode, path: TreeNode[]) => void, path: TreeNode[] = []): void {
  visit(node as TreeNode, path);
  for (const child of Object.values(node).flat() as (TreeNode | null)[]) {
    if (typeof child?.type === "string") eachNode(child, visit, [...path, node as TreeNode]);
  }
}
