/** Places in lists that change while a loop runs over them: Espruino's elements are linked, and a loop holds one. */

export interface Cursor {
  /** Index of the element that it holds. */
  at: number;
  /** The element has been taken out: nothing comes after it. */
  gone: boolean;
}

const active = new WeakMap<object, Set<Cursor>>();
let count = 0;

/** Follows an element through the changes of its list, until `release`. */
export function follow(list: object, at: number): Cursor {
  const cursor = { at, gone: false };
  let cursors = active.get(list);
  if (!cursors) active.set(list, (cursors = new Set()));
  cursors.add(cursor);
  count++;
  return cursor;
}

export function release(list: object, cursor: Cursor): void {
  active.get(list)?.delete(cursor);
  count--;
}

/** Tells all loops over a list that elements were taken out and put in. */
export function spliced(list: object, start: number, removed: number, added: number): void {
  if (!count) return;
  for (const cursor of active.get(list) ?? []) {
    if (cursor.gone || cursor.at < start) continue;
    if (cursor.at < start + removed) cursor.gone = true;
    else cursor.at += added - removed;
  }
}

/** Tells all loops over a list that one element was taken out, and that the others keep their index. */
export function unlinked(list: object, index: number): void {
  if (!count) return;
  for (const cursor of active.get(list) ?? []) if (cursor.at === index) cursor.gone = true;
}
