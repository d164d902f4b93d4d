/** Cases that may be about one happening: they name the same place, at about the same time, and speak of the same kind of thing. */

import type { Case } from "./api/client";

const WITHIN_MILLISECONDS = 3 * 3_600_000;
/** What a platform's terms forbid to say is no reason to keep cases apart. */
const UNSAID = new Set([null, "withheld"]);

type Placed = Pick<Case, "case_id" | "about" | "category" | "last_contact_at">;

/** By each place, the cases that name it, in the order of the list. */
export type Index<T extends Placed> = ReadonlyMap<string, readonly T[]>;

export function byPlace<T extends Placed>(cases: readonly T[]): Index<T> {
  const found = new Map<string, T[]>();
  for (const one of cases) {
    for (const place of new Set(one.about.map(plain))) {
      const there = found.get(place);
      if (there === undefined) found.set(place, [one]);
      else there.push(one);
    }
  }
  return found;
}

/** The other cases that may be about the same as this one, in the order of the list, and the place that most of them share. */
export function others<T extends Placed>(one: Placed, index: Index<T>): { place: string; cases: readonly T[] } | null {
  const seen = new Map<string, T>();
  let place: string | null = null;
  let most = 0;
  for (const name of one.about) {
    const there = (index.get(plain(name)) ?? []).filter((other) => other.case_id !== one.case_id && together(one, other));
    for (const other of there) seen.set(other.case_id, other);
    if (there.length > most) [place, most] = [name, there.length];
  }
  return place === null ? null : { place, cases: [...seen.values()] };
}

function together(one: Placed, other: Placed): boolean {
  const apart = Math.abs(Date.parse(one.last_contact_at) - Date.parse(other.last_contact_at));
  const same = one.category === other.category || UNSAID.has(one.category) || UNSAID.has(other.category);
  return same && apart <= WITHIN_MILLISECONDS;
}

function plain(name: string): string {
  return name.toLocaleLowerCase("en-GB").replace(/[^\p{L}\p{N}.]+/gu, " ").trim();
}
