/** `Date` (jswrap_date.c): milliseconds with a fraction, days by the calendar, no invalid dates; always GMT here. */

import type { Converter } from "./convert.js";
import { hide, hideAll, type Kit } from "./kit.js";

const DAY = 86400000;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
/** Years that Espruino counts with. */
const LAST_YEAR = 1250000;

interface DeviceDate {
  ms: number;
}

interface Parts {
  year: number;
  month: number;
  day: number;
  weekday: number;
  hours: number;
  minutes: number;
  seconds: number;
  ms: number;
}

const two = (value: number, size = 2): string => String(value).padStart(size, "0");

function partsOf(time: number): Parts {
  // Whole milliseconds, cut towards zero on their day.
  const day = Math.floor(Math.trunc(time) / DAY);
  const date = new Date(day * DAY);
  const rest = Math.trunc(time) - day * DAY;
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hours: Math.floor(rest / 3600000),
    minutes: Math.floor(rest / 60000) % 60,
    seconds: Math.floor(rest / 1000) % 60,
    ms: rest % 1000,
  };
}

const FIELDS: [method: string, part: keyof Parts][] = [
  ["FullYear", "year"],
  ["Month", "month"],
  ["Date", "day"],
  ["Hours", "hours"],
  ["Minutes", "minutes"],
  ["Seconds", "seconds"],
  ["Milliseconds", "ms"],
];

/** Fields that each setter takes, its own first. */
const SETTERS: Record<string, (keyof Parts)[]> = {
  FullYear: ["year", "month", "day"],
  Month: ["month", "day"],
  Date: ["day"],
  Hours: ["hours", "minutes", "seconds", "ms"],
  Minutes: ["minutes", "seconds", "ms"],
  Seconds: ["seconds", "ms"],
  Milliseconds: ["ms"],
};

function timeOf(kit: Kit, parts: Omit<Parts, "weekday">): number {
  if (parts.year < -LAST_YEAR || parts.year >= LAST_YEAR) throw kit.error("Date out of bounds");
  const date = new Date(0);
  date.setUTCFullYear(parts.year, parts.month, parts.day);
  return date.getTime() + ((parts.hours * 60 + parts.minutes) * 60 + parts.seconds) * 1000 + parts.ms;
}

const CLOCK = /^(\d+)(?::(\d+)(?::(\d+(?:\.\d*)?))?)?\s*(?:GMT|Z)?\s*(?:([-+])\s*(\d+)(?::(\d+))?)?/;

/** Adds the time of day that a text ends with. */
function withClock(kit: Kit, parts: Omit<Parts, "weekday">, text: string): number {
  const [, hours, minutes, seconds, sign, zone, zoneMinutes] = CLOCK.exec(text.trim()) ?? [];
  parts.hours = Number(hours ?? 0);
  parts.minutes = Number(minutes ?? 0);
  parts.seconds = Math.trunc(Number(seconds ?? 0));
  parts.ms = Math.trunc(Number(seconds ?? 0) * 1000) % 1000;
  const offset =
    zone === undefined
      ? 0
      : zone.length === 4
        ? Number(zone.slice(2)) + Number(zone.slice(0, 2)) * 60
        : Number(zone) * 60 + Number(zoneMinutes ?? 0);
  return timeOf(kit, parts) - (sign === "-" ? -offset : offset) * 60000;
}

function parse(kit: Kit, text: string): number {
  const parts = { year: 1970, month: 0, day: 1, hours: 0, minutes: 0, seconds: 0, ms: 0 };
  const iso = /^\s*(\d+)\s*-\s*(\d+)\s*-\s*(\d+)\s*(?:T(.*))?/.exec(text);
  if (iso) {
    Object.assign(parts, { year: Number(iso[1]), month: Number(iso[2]) - 1, day: Number(iso[3]) });
    return withClock(kit, parts, iso[4] ?? "");
  }
  const [, first, day, second, year, clock] =
    /^\s*([A-Z][a-z]{2})\s+(\d+)\s*,(\s*)(\d+)\s*(.*)/.exec(text) ??
    /^\s*([A-Z][a-z]{2})\s*,\s*(\d+)\s*([A-Z][a-z]{2})\s+(\d+)\s*(.*)/.exec(text) ??
    [];
  const month = MONTHS.indexOf(second?.trim() ? second : (first ?? ""));
  if (month < 0 || (second?.trim() && !DAYS.includes(first))) return 0;
  Object.assign(parts, { year: Number(year), month, day: Number(day) });
  return withClock(kit, parts, clock);
}

function clockText({ hours, minutes, seconds }: Parts): string {
  return `${two(hours)}:${two(minutes)}:${two(seconds)}`;
}

const TEXTS: Record<string, (parts: Parts) => string> = {
  toString: (at: Parts) => `${DAYS[at.weekday]} ${MONTHS[at.month]} ${at.day} ${at.year} ${clockText(at)} GMT+0000`,
  toUTCString: (at) => `${DAYS[at.weekday]}, ${at.day} ${MONTHS[at.month]} ${at.year} ${clockText(at)} GMT`,
  toISOString: (at) => `${at.year}-${two(at.month + 1)}-${two(at.day)}T${clockText(at)}.${two(at.ms, 3)}Z`,
};

function methods(kit: Kit, convert: Converter): Record<string, unknown> {
  const all: Record<string, unknown> = {
    getTime(this: DeviceDate) {
      return this.ms;
    },
    valueOf(this: DeviceDate) {
      return this.ms;
    },
    setTime(this: DeviceDate, time: unknown) {
      return (this.ms = convert.float(time));
    },
    getDay(this: DeviceDate) {
      return partsOf(this.ms).weekday;
    },
    getTimezoneOffset: () => 0,
  };
  for (const [name, part] of FIELDS) {
    all[`get${name}`] = function (this: DeviceDate) {
      return partsOf(this.ms)[part];
    };
    all[`set${name}`] = function (this: DeviceDate, ...values: unknown[]) {
      const parts = partsOf(this.ms);
      for (const [at, field] of SETTERS[name].entries()) {
        if (at === 0 || typeof values[at] === "number") parts[field] = convert.int(values[at]);
      }
      return (this.ms = timeOf(kit, parts));
    };
  }
  for (const [name, write] of Object.entries(TEXTS)) {
    all[name] = function (this: DeviceDate) {
      return write(partsOf(this.ms));
    };
  }
  return { ...all, toJSON: all.toISOString };
}

/** @param now milliseconds of the device's clock */
export function installDates(global: Record<string, unknown>, kit: Kit, convert: Converter, now: () => number): void {
  const native = global.Date as { prototype: object };
  function DateOfDevice(this: DeviceDate, ...args: unknown[]): unknown {
    const self = (new.target ? this : Object.create(native.prototype)) as DeviceDate;
    const [first] = args;
    if (!args.length) self.ms = now();
    else if (args.length > 1) {
      const [year, month, day, hours, minutes, seconds, ms] = Array.from({ length: 7 }, (_, at) =>
        convert.int(args[at]),
      );
      self.ms = timeOf(kit, { year, month, day, hours, minutes, seconds, ms });
    } else if (typeof first === "number" || typeof first === "boolean") self.ms = Number(first);
    else if (typeof first === "string") self.ms = parse(kit, first);
    else throw kit.error(`Variables of type ${typeof first} are not supported in date constructor`, "TypeError");
    return self;
  }
  DateOfDevice.prototype = native.prototype;
  hideAll(native.prototype, methods(kit, convert));
  hide(native.prototype, "constructor", DateOfDevice);
  hide(DateOfDevice, "now", now);
  hide(DateOfDevice, "parse", (text: unknown) => (typeof text === "string" ? parse(kit, text) : 0));
  hide(global, "Date", DateOfDevice);
}
