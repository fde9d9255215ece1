/** Which view is shown: the part of the address behind `#`, so that each view has an address of its own. */
import { computed, signal } from "@preact/signals";

export const VIEWS = ["devices", "bind", "data", "traffic", "setup"] as const;
export type View = (typeof VIEWS)[number];

const hash = signal(location.hash);
addEventListener("hashchange", () => (hash.value = location.hash));

const parts = computed(() => hash.value.slice(1).split("/").map(decodeURIComponent));

export const view = computed<View>(() => VIEWS.find((one) => one === parts.value[0]) ?? "devices");
/** The device that the address names: pk/dk, or "". */
export const chosen = computed(() => parts.value.slice(1, 3).join("/"));

export const addressOf = (to: View, pk?: string, dk?: string): string =>
  "#" +
  [to, pk, dk]
    .filter((part) => part !== undefined)
    .map((part) => encodeURIComponent(part!))
    .join("/");
