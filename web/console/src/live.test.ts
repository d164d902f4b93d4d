/** When the screen asks, and how soon it shows what came: over a desk and a clock that stand still until they are moved. */

import { beforeEach, expect, it, vi } from "vitest";

/** As the operators' function does it (functions/operate/routes/watch.py), and how long a call takes to get there. */
const LOOK_EVERY = 750;
const ON_THE_WAY = 150;
const WITHIN = 2000;

interface Asked {
  at: number;
  wait: number;
  case: string | undefined;
  answered?: number;
}

class Desk {
  news = 0;
  down = false;
  asked: Asked[] = [];

  async GET(_path: string, call: { params: { query: { wait?: number; case?: string }; header: Record<string, string> }; signal: AbortSignal }) {
    const { query, header } = call.params;
    const one: Asked = { at: Date.now(), wait: query.wait ?? 0, case: query.case };
    this.asked.push(one);
    await pause(ON_THE_WAY, call.signal);
    if (this.down) throw new TypeError("Failed to fetch");
    const until = Date.now() + one.wait * 1000;
    while (header["if-none-match"] === this.tag(one) && Date.now() < until) {
      await pause(Math.min(LOOK_EVERY, until - Date.now()), call.signal);
    }
    const tag = this.tag(one);
    const cases = Array.from({ length: this.news }, (_, number) => ({ case_id: String(number), grade: "resolve", reason: "" }));
    await pause(ON_THE_WAY, call.signal);
    one.answered = Date.now();
    const headers = new Headers({ etag: tag });
    if (header["if-none-match"] === tag) return { response: new Response(null, { status: 304, headers }) };
    return {
      response: new Response("{}", { status: 200, headers }),
      data: { cases, next_cursor: null, alerts: [], publishing: { on: true }, case: null },
    };
  }

  private tag(one: Asked): string {
    return `${this.news} ${one.case}`;
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new DOMException("gone", "AbortError")));
    setTimeout(resolve, milliseconds);
  });
}

let desk: Desk;
let live: typeof import("./live");

beforeEach(async () => {
  vi.resetModules();
  vi.useFakeTimers({ now: 0 });
  // Its own clock is not the one that stands still.
  vi.spyOn(AbortSignal, "timeout").mockImplementation(() => new AbortController().signal);
  desk = new Desk();
  vi.doMock("./api/client", () => ({
    api: { GET: desk.GET.bind(desk) },
    given: async (call: Promise<{ data: unknown }>) => (await call).data,
    Problem: class extends Error {},
  }));
  vi.doMock("./session", async () => {
    const { signal } = await import("@preact/signals");
    return { me: signal(null), standing: signal("signed-in"), is: (role: string) => role === "operator" };
  });
  vi.stubGlobal("document", new EventTarget());
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("navigator", { onLine: true });
  live = await import("./live");
  live.startWatching();
});

/** How long it takes until what comes now is on the screen. */
async function shownAfter(): Promise<number> {
  const came = Date.now();
  desk.news += 1;
  while (live.head.value.length < desk.news) await vi.advanceTimersByTimeAsync(10);
  return Date.now() - came;
}

it("shows new work within two seconds, whenever it comes", async () => {
  let slowest = 0;
  for (let waited = 0; waited < 14_000; waited += 370) {
    await vi.advanceTimersByTimeAsync(waited % 7_000);
    slowest = Math.max(slowest, await shownAfter());
  }
  expect(slowest).toBeLessThan(WITHIN - 3 * ON_THE_WAY);
});

it("asks an idle desk less than once in two seconds", async () => {
  await vi.advanceTimersByTimeAsync(10_000);
  desk.asked = [];
  await vi.advanceTimersByTimeAsync(60_000);
  expect(desk.asked.length).toBeLessThanOrEqual(30);
  expect(desk.asked.length).toBeGreaterThan(5);
});

it("asks once in two seconds at most where a desk does not hold its answers", async () => {
  await vi.advanceTimersByTimeAsync(10_000);
  desk.asked = [];
  const get = desk.GET.bind(desk);
  desk.GET = (path, call) => get(path, { ...call, params: { ...call.params, query: { ...call.params.query, wait: 0 } } });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(desk.asked.length).toBeLessThanOrEqual(31);
});

it("asks no more than twice a second while everything changes", async () => {
  await vi.advanceTimersByTimeAsync(10_000);
  desk.asked = [];
  for (let passed = 0; passed < 10_000; passed += 50) {
    desk.news += 1;
    await vi.advanceTimersByTimeAsync(50);
  }
  expect(desk.asked.length).toBeLessThanOrEqual(21);
});

it("asks anew as soon as a case is opened, and never twice at once", async () => {
  await vi.advanceTimersByTimeAsync(10_000);
  live.openCase.value = "7";
  await vi.advanceTimersByTimeAsync(ON_THE_WAY);
  expect(desk.asked.at(-1)?.case).toBe("7");
  const before = desk.asked.length;
  live.lookNow();
  live.lookNow();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(desk.asked.slice(before, before + 2).map((one) => one.answered)).toContain(undefined);
  const unanswered = desk.asked.filter((one) => one.answered === undefined);
  expect(unanswered.length).toBeLessThanOrEqual(4);
});

it("says that the line is lost after the second failure, and notices at once that it is back", async () => {
  await vi.advanceTimersByTimeAsync(10_000);
  desk.down = true;
  await vi.advanceTimersByTimeAsync(8_500);
  expect(live.lostSince.value).not.toBeNull();
  desk.down = false;
  await vi.advanceTimersByTimeAsync(11_000);
  expect(live.lostSince.value).toBeNull();
});
