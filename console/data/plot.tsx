/** The values of a number over time, as steps: a value holds until the next one comes. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

import { now } from "../state/clock.js";
import type { Point, Property } from "../state/types.js";

const HEIGHT = 150;
/** Half of the width of a time, so that one at the right edge is whole. */
const TIME = 30;
/** Pixels of the axis of values: at least, of a character of its 12 pixels, and beside its texts. */
const AXIS = 56;
const CHARACTER = 7;
const GAP = 12;
/** Milliseconds after which the line is drawn on to the present, though no value has come. */
const REDRAW_MS = 5000;

/** A colour of the style sheet as the canvas takes it: of light or dark, whichever is shown. */
function colour(element: HTMLElement, name: string): string {
  element.style.color = `var(${name})`;
  return getComputedStyle(element).color;
}

/** Seconds and values; the last value lasts until now. */
function columns(points: readonly Point[], present: number): uPlot.AlignedData {
  const [lastTime = 0, lastValue = 0] = points.at(-1) ?? [];
  const all = present > lastTime ? [...points, [present, lastValue] as const] : points;
  return [all.map(([time]) => time / 1000), all.map(([, value]) => value)];
}

function widest(_: uPlot, texts: string[] | null): number {
  return Math.max(AXIS, GAP + CHARACTER * Math.max(0, ...(texts ?? []).map(({ length }) => length)));
}

function optionsFor(box: HTMLElement, { min, max, unit = "" }: Property): uPlot.Options {
  const quiet = (): string => colour(box, "--quiet");
  const grid = { stroke: () => colour(box, "--line"), width: 1 };
  const axis = { stroke: quiet, grid, ticks: { show: false }, font: "12px system-ui" };
  const clock = (_: uPlot, ticks: number[]): string[] =>
    ticks.map((tick) => new Date(tick * 1000).toTimeString().slice(0, 8));
  const bounded = min !== undefined && max !== undefined;
  return {
    width: box.clientWidth || 300,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    padding: [null, TIME, null, null],
    scales: { y: bounded ? { range: [min, max] } : {} },
    axes: [
      { ...axis, space: 80, values: clock },
      { ...axis, size: widest, values: (_, ticks) => ticks.map((tick) => `${tick}${unit && ` ${unit}`}`) },
    ],
    series: [
      {},
      {
        stroke: () => colour(box, "--accent"),
        fill: () => colour(box, "--tint"),
        width: 2,
        points: { show: false },
        paths: uPlot.paths.stepped!({ align: 1 }),
      },
    ],
  };
}

function describe({ name, unit = "" }: Property, points: readonly Point[]): string {
  const values = points.map(([, value]) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const count = points.length === 1 ? "1 value" : `${points.length} values`;
  return `${name} over time: ${count}, from ${least} to ${most}${unit && ` ${unit}`}`;
}

export function Plot({ property, points }: { property: Property; points: readonly Point[] }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const present = Math.floor(now.value / REDRAW_MS) * REDRAW_MS;
  useEffect(() => {
    const element = box.current!;
    const drawn = new uPlot(optionsFor(element, property), columns(points, present), element);
    plot.current = drawn;
    const resized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const repaint = (): void => drawn.redraw(false);
    dark.addEventListener("change", repaint);
    return () => {
      resized.disconnect();
      dark.removeEventListener("change", repaint);
      drawn.destroy();
    };
  }, [property.id]);
  useEffect(() => plot.current?.setData(columns(points, present)), [points, present]);
  return <div class="plot" ref={box} role="img" aria-label={describe(property, points)} />;
}
