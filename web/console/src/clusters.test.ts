import { expect, it } from "vitest";
import { byPlace, others } from "./clusters";

const NOON = Date.parse("2026-11-02T12:00:00Z");

function a(case_id: string, about: string[], category: string | null = "road", minutes = 0) {
  return { case_id, about, category, last_contact_at: new Date(NOON + 60_000 * minutes).toISOString() };
}

function gathered(one: ReturnType<typeof a>, ...rest: ReturnType<typeof a>[]) {
  const found = others(one, byPlace([one, ...rest]));
  return found && [found.place, ...found.cases.map((other) => other.case_id)];
}

it("gathers who names the same place in the same hours about the same kind of thing", () => {
  expect(gathered(a("1", ["Queens Drive"]), a("2", ["queens  drive"]), a("3", ["Bold Street"]))).toEqual(["Queens Drive", "2"]);
});

it.each([
  ["another kind of thing", a("2", ["Queens Drive"], "lost_property")],
  ["another day", a("2", ["Queens Drive"], "road", 60 * 24)],
  ["no place", a("2", [])],
])("leaves alone what is of %s", (_, other) => {
  expect(gathered(a("1", ["Queens Drive"]), other)).toBeNull();
});

it.each([null, "withheld"])("keeps nothing apart for a category of %s", (category) => {
  expect(gathered(a("1", ["A59"]), a("2", ["A59"], category))).toEqual(["A59", "2"]);
});

it("counts a case once that shares two places, and names the place that most share", () => {
  const one = a("1", ["L1 9BN", "Hope Street"]);
  expect(gathered(one, a("2", ["Hope Street", "L1 9BN"]), a("3", ["Hope Street"]))).toEqual(["Hope Street", "2", "3"]);
});

it("never gathers a case with itself", () => {
  expect(gathered(a("1", ["A59", "a59"]))).toBeNull();
});
