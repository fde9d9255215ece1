/** The binding window as a ring that runs down. */
import { now } from "../state/clock.js";
import type { Device } from "../state/types.js";

const RADIUS = 15;
const LENGTH = 2 * Math.PI * RADIUS;

export const secondsLeft = ({ window }: Device): number =>
  window ? Math.max(0, Math.ceil((window.end - now.value) / 1000)) : 0;

export function Ring({ device }: { device: Device }) {
  const left = secondsLeft(device);
  if (!device.window || !left) return null;
  const share = Math.min(1, left / device.window.seconds);
  const late = left <= 20;
  return (
    <span class={late ? "ring late" : "ring"} role="timer" aria-label={`binding window, ${left} seconds left`}>
      <svg viewBox="0 0 36 36" aria-hidden="true">
        <circle class="track" cx="18" cy="18" r={RADIUS} />
        <circle
          class="rest"
          cx="18"
          cy="18"
          r={RADIUS}
          stroke-dasharray={LENGTH}
          stroke-dashoffset={LENGTH * (1 - share)}
        />
      </svg>
      <b>{left}</b>
    </span>
  );
}
