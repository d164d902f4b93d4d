/** The desk's numbers of a period, whole and by month; days are those of the force's clock. */

import { api, given, type Stats } from "./api/client";
import { me } from "./session";

const A_DAY = 86_400_000;
const LONGEST_DAYS = 190;

/** From the first day to the last, both included, as `2026-05-01`. */
export interface Period {
  first: string;
  last: string;
}

export interface Part {
  name: string;
  whole: boolean;
  days: number;
  stats: Stats;
}

export interface Figures {
  period: Period;
  days: number;
  stats: Stats;
  months: readonly Part[];
}

export const PERIODS: readonly (readonly [string, (today: string) => Period])[] = [
  ["Last 7 days", (today) => ({ first: later(today, -7), last: later(today, -1) })],
  ["Last 28 days", lastFourWeeks],
  ["This month", (today) => ({ first: `${today.slice(0, 7)}-01`, last: today })],
  ["Last month", (today) => monthBefore(today, 1)],
  ["Last six months", (today) => ({ first: monthBefore(today, 6).first, last: monthBefore(today, 1).last })],
];

export function lastFourWeeks(today: string): Period {
  return { first: later(today, -28), last: later(today, -1) };
}

export function today(): string {
  const zone = me.value?.desk.time_zone;
  const parts = new Intl.DateTimeFormat("en-CA", zone === undefined ? {} : { timeZone: zone }).format(new Date());
  return parts.slice(0, 10);
}

export function later(day: string, days: number): string {
  return new Date(Date.parse(day) + days * A_DAY).toISOString().slice(0, 10);
}

export function daysIn({ first, last }: Period): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / A_DAY) + 1;
}

/** Why nothing can be counted of a period; null where it can. */
export function faultOf(period: Period): string | null {
  const days = daysIn(period);
  if (Number.isNaN(days)) return "Enter both days.";
  if (days < 1) return "The last day lies before the first.";
  return days > LONGEST_DAYS ? `At most ${LONGEST_DAYS} days: desk report has no such limit.` : null;
}

function monthBefore(day: string, back: number): Period {
  const [year = 0, month = 1] = day.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 10);
  return { first, last: endOfMonth(first) };
}

function endOfMonth(day: string): string {
  const [year = 0, month = 1] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** The period cut at the ends of months. */
export function monthsOf({ first, last }: Period): Period[] {
  const parts: Period[] = [];
  for (let from = first; from <= last; from = later(endOfMonth(from), 1)) {
    const end = endOfMonth(from);
    parts.push({ first: from, last: end < last ? end : last });
  }
  return parts;
}

async function read({ first, last }: Period): Promise<Stats> {
  return given(api.GET("/desk/stats", { params: { query: { from: first, to: later(last, 1) } } }));
}

export async function readFigures(period: Period): Promise<Figures> {
  const stats = await read(period);
  const parts = monthsOf(period);
  const months: Part[] = [];
  // One after the other: a desk at work has better to do than seven at once.
  for (const part of parts.length > 1 ? parts : []) {
    const whole = part.first.endsWith("-01") && part.last === endOfMonth(part.first);
    const name = new Date(part.first).toLocaleDateString("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
    months.push({ name, whole, days: daysIn(part), stats: await read(part) });
  }
  return { period, days: daysIn(period), stats, months };
}
