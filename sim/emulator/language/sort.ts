/** Espruino's sort: a quicksort that keeps no order among equals (jswrap_array.c). */

import { itemsOf } from "./bytes.js";
import type { Converter } from "./convert.js";
import type { Callback } from "./kit.js";

/** Elements from which on the pivot is the middle one of three. */
const MEDIAN_FROM = 10;

type Compare = (a: unknown, b: unknown) => number;

function comparison(order: Callback | undefined, convert: Converter): Compare {
  return (a, b) => {
    if (a === undefined) return 1;
    if (b === undefined) return -1;
    if (order) {
      const result = convert.float(order(a, b));
      return result === 0 ? 0 : result < 0 ? -1 : 1;
    }
    const [x, y] = [convert.text(a), convert.text(b)];
    return x === y ? 0 : x < y ? -1 : 1;
  };
}

/** Brings the median of the first, middle and last element to the front. */
function choosePivot(items: unknown[], low: number, count: number, compare: Compare): void {
  const middle = low + (count >> 1);
  const high = low + count - 1;
  const lowMiddle = compare(items[low], items[middle]);
  const middleHigh = compare(items[middle], items[high]);
  const lowHigh = compare(items[low], items[high]);
  const swap = (at: number): void => void ([items[low], items[at]] = [items[at], items[low]]);
  if ((lowMiddle <= 0 && middleHigh <= 0) || (lowHigh <= 0 && middleHigh >= 0)) swap(middle);
  else if ((lowMiddle >= 0 && lowHigh <= 0) || (middleHigh >= 0 && lowHigh >= 0)) swap(high);
}

function quicksort(items: unknown[], low: number, count: number, compare: Compare): void {
  if (count < 2) return;
  if (count > MEDIAN_FROM) choosePivot(items, low, count, compare);
  let place = low;
  let lowest = true;
  const pivot = items[low];
  for (let at = low + 1; at < low + count; at++) {
    const value = items[at];
    const order = compare(value, pivot);
    if (order > 0) continue;
    if (order < 0) lowest = false;
    items[place++] = value;
    items[at] = items[place];
    items[place] = pivot;
  }
  quicksort(items, place + 1, low + count - place - 1, compare);
  if (!lowest) quicksort(items, low, place - low, compare);
}

export function sort(list: unknown[], order: Callback | undefined, convert: Converter): unknown[] {
  const items = Array.isArray(list) ? list.filter(() => true) : itemsOf(list);
  quicksort(items, 0, items.length, comparison(order, convert));
  const size = list.length;
  for (let at = 0; at < size; at++) {
    if (at < items.length) list[at] = items[at];
    else delete list[at];
  }
  return list;
}
