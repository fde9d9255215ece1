/** Which view is shown: the part of the address behind `#`, so that each view has an address of its own. */
import { computed, signal } from "@preact/signals";

export type View = "devices" | "bind" | "data" | "traffic" | "setup";

/** Whether a tap serves this page, which has frames and nothing else. */
export const TAP = document.body.dataset.tap !== undefined;
export const VIEWS: readonly View[] = TAP ? ["traffic"] : ["devices", "bind", "data", "traffic", "setup"];

const hash = signal(location.hash);
addEventListener("hashchange", () => (hash.value = location.hash));

/** A part of an address that somebody has typed or cut may be no text. */
function textOf(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

const parts = computed(() => hash.value.slice(1).split("/").map(textOf));

export const view = computed<View>(() => VIEWS.find((one) => one === parts.value[0]) ?? VIEWS[0]!);
/** The device that the address names: pk/dk, or "". */
export const chosen = computed(() => parts.value.slice(1, 3).join("/"));

export const addressOf = (to: View, pk?: string, dk?: string): string =>
  "#" +
  [to, pk, dk]
    .filter((part) => part !== undefined)
    .map((part) => encodeURIComponent(part!))
    .join("/");

/** Shows a view for another device. @param key its pk/dk, or "" for none */
export function show(to: View, key: string): void {
  location.hash = addressOf(to, ...(key ? key.split("/") : []));
}
