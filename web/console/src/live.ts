/**
 * What the desk looks like now. The desk holds its answer until something has changed, or for some seconds; then it is
 * asked again at once. So new work is told as it comes, and an idle screen asks less than once in two seconds.
 */

import { batch, computed, signal } from "@preact/signals";
import { type Alert, api, type Case, given, Problem, type Publishing, type Watch } from "./api/client";
import { byPlace } from "./clusters";
import { me, is, standing } from "./session";

/** For how long the desk may hold an answer that has nothing new: one that was left for a newer question runs on for so long. */
const HELD_SECONDS = 3;
/** From one question to the next at least: while nothing is new, and while everything is. */
const QUIET_MILLISECONDS = 2000;
const BUSY_MILLISECONDS = 500;
const SLOWEST_MILLISECONDS = 10_000;
/** An answer that is later than this is lost. */
const PATIENCE_MILLISECONDS = 1000 * HELD_SECONDS + 5000;
const HEAD = 50;
const PAGE = 200;

export const head = signal<readonly Case[]>([]);
export const alerts = signal<readonly Alert[]>([]);
export const publishing = signal<Publishing | null>(null);
export const watched = signal<Watch["case"]>(null);
export const lostSince = signal<Date | null>(null);
export const loaded = signal(false);
/** The moment, by the second: for everything that counts down. */
export const now = signal(Date.now());
/** What has come in since the screen was opened, for those who hear rather than see. */
export const announced = signal("");

/** Which case stands open, so that its changes are told too. */
export const openCase = signal<string | null>(null);

const tail = signal<readonly Case[]>([]);
const cursor = signal<string | null>(null);
const loadingMore = signal(false);

/** The queue as far as it was read: its head as it is now, then what was read of the rest. */
export const queue = computed<readonly Case[]>(() => {
  const known = new Set(head.value.map((one) => one.case_id));
  return [...head.value, ...tail.value.filter((one) => !known.has(one.case_id))];
});
/** Where the queue speaks of, for cases about one happening to be seen together. */
export const places = computed(() => byPlace(queue.value));
export const more = computed(() => cursor.value !== null);

let tag: string | null = null;
let seenFor: string | null = null;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
/** The question that is on its way; a newer one takes its place. */
let flight: AbortController | null = null;

export function startWatching(): void {
  setInterval(() => {
    now.value = Date.now();
  }, 1000);
  addEventListener("online", lookNow);
  standing.subscribe(lookNow);
  openCase.subscribe((id) => {
    if (id !== null) lookNow();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) lookNow();
  });
}

/** Ask at once: after an act of one's own, or when the line is back. What is on its way may not know of that. */
export function lookNow(): void {
  clearTimeout(timer);
  flight?.abort();
  void look();
}

async function look(): Promise<void> {
  const own = new AbortController();
  flight = own;
  const began = Date.now();
  let pause = QUIET_MILLISECONDS;
  try {
    if (standing.value === "signed-in" && is("operator", "supervisor")) {
      if (await watchOnce(own.signal)) pause = BUSY_MILLISECONDS;
    } else if (standing.value === "signed-in" && is("publisher")) {
      publishing.value = await given(api.GET("/desk/publishing"));
      found();
    } else if (standing.value === "signed-in" && is("auditor")) {
      alerts.value = (await given(api.GET("/desk/alerts"))).alerts;
      found();
    }
  } catch (error) {
    if (flight === own && (!(error instanceof Problem) || error.status >= 500)) {
      failures += 1;
      if (failures > 1 || !navigator.onLine) lostSince.value ??= new Date();
    }
    pause = Math.min(QUIET_MILLISECONDS * Math.max(1, failures), SLOWEST_MILLISECONDS);
  }
  if (flight !== own) return;
  flight = null;
  const left = pause - (Date.now() - began);
  // Without a timer wherever it can be: browsers let those of a tab that nobody sees go off once a minute.
  if (left > 0) timer = setTimeout(() => void look(), left);
  else void look();
}

/** Whether there was anything new. */
async function watchOnce(superseded: AbortSignal): Promise<boolean> {
  const open = openCase.value;
  const known = tag !== null && seenFor === open ? { "if-none-match": tag } : {};
  // While the line is bad, any answer is news.
  const held = lostSince.value === null ? { wait: HELD_SECONDS } : {};
  const query = { limit: HEAD, ...held, ...(open === null ? {} : { case: open }) };
  const { data, response, error } = await api.GET("/desk/watch", {
    params: { query, header: known },
    signal: AbortSignal.any([superseded, AbortSignal.timeout(PATIENCE_MILLISECONDS)]),
  });
  if (superseded.aborted) return false;
  if (response.status === 304) {
    found();
    return false;
  }
  if (data === undefined) {
    await given(Promise.resolve({ data, response, error }));
    return false;
  }
  tag = response.headers.get("etag");
  seenFor = open;
  batch(() => {
    announce(data.cases);
    head.value = data.cases;
    if (tail.value.length === 0) cursor.value = data.next_cursor;
    alerts.value = data.alerts;
    publishing.value = data.publishing;
    watched.value = data.case;
    loaded.value = true;
    found();
  });
  return true;
}

function found(): void {
  failures = 0;
  lostSince.value = null;
}

function announce(cases: readonly Case[]): void {
  if (!loaded.value) return;
  const before = new Set(queue.value.map((one) => one.case_id));
  const fresh = cases.filter((one) => !before.has(one.case_id));
  const first = fresh[0];
  if (first === undefined) return;
  const grade = me.value?.desk.grades[first.grade]?.name ?? first.grade;
  announced.value = `${fresh.length === 1 ? "A new case" : `${fresh.length} new cases`}. ${grade}: ${first.reason}`;
}

/** Read on: the next page of the queue. */
export async function readOn(): Promise<void> {
  if (cursor.value === null || loadingMore.value) return;
  loadingMore.value = true;
  try {
    const page = await given(api.GET("/desk/cases", { params: { query: { cursor: cursor.value, limit: PAGE } } }));
    batch(() => {
      const known = new Set(tail.value.map((one) => one.case_id));
      tail.value = [...tail.value, ...page.cases.filter((one) => !known.has(one.case_id))];
      cursor.value = page.next_cursor;
    });
  } catch {
    // The line's own banner says so; scrolling asks again.
  } finally {
    loadingMore.value = false;
  }
}

/** Forget what was read of the rest, and look anew. */
export function refresh(): void {
  batch(() => {
    tail.value = [];
    cursor.value = null;
  });
  tag = null;
  lookNow();
}

/** A case after an act of one's own: shown at once, wherever it stands in the list. */
export function put(changed: Case): void {
  const swap = (list: readonly Case[]) =>
    changed.state === "closed"
      ? list.filter((one) => one.case_id !== changed.case_id)
      : list.map((one) => (one.case_id === changed.case_id ? { ...one, ...changed } : one));
  batch(() => {
    head.value = swap(head.value);
    tail.value = swap(tail.value);
  });
  tag = null;
}

/** Every case of a state, page by page. */
export async function everyCase(state?: "open" | "answered"): Promise<Case[]> {
  const all: Case[] = [];
  let next: string | null = null;
  do {
    const query: { limit: number; state?: "open" | "answered"; cursor?: string } = { limit: PAGE };
    if (state !== undefined) query.state = state;
    if (next !== null) query.cursor = next;
    const page: { cases: Case[]; next_cursor: string | null } = await given(api.GET("/desk/cases", { params: { query } }));
    all.push(...page.cases);
    next = page.next_cursor;
  } while (next !== null);
  return all;
}
