/**
 * Takes the rooms of the device apart where they stand only once. A function that is tagged `@once` is a factory whose
 * closures are never there twice: its variables and functions become the program's own, its parameters what it is
 * called with, and the object that it gives the functions that stand in it. A closure takes an Espruino 4 to 8 JsVars
 * and a scope that all the others of its room share; a function at the top can be put on a page.
 */

import { dropAlias, dropObject, dropParameter } from "./collapse.js";
import { Flat } from "./flat.js";
import { hoistCalled, hoistOthers, liftLiterals, splitSequences } from "./rooms.js";
import { inlineNumbers, useBits } from "./values.js";

/** Each tells whether it has changed anything. What the owner calls is last: more calls come to light on the way. */
const STEPS = [hoistCalled, liftLiterals, dropAlias, dropParameter, dropObject, hoistOthers];

/**
 * @param {string} code a script whose factories are tagged
 * @returns {any} the tree of an equal one
 */
export function flatten(code) {
  const flat = new Flat(code);
  inlineNumbers(flat.program);
  flat.look();
  while (STEPS.some((step) => step(flat))) {
    splitSequences(flat);
    flat.look();
  }
  useBits(flat.program);
  return flat.program;
}
