/** What was typed and not sent, by case: kept in this tab, so that neither a reload nor a lost claim loses a word. */

import { useState } from "preact/hooks";

const PREFIX = "draft:";

export function draftOf(name: string): string {
  return sessionStorage.getItem(PREFIX + name) ?? "";
}

/** What is filled in, kept likewise; the last of the three forgets it. */
export function useKept<T>(name: string, empty: T): [T, (next: T) => void, () => void] {
  const [value, setValue] = useState<T>(() => {
    const kept = draftOf(name);
    return kept === "" ? empty : (JSON.parse(kept) as T);
  });
  const keep = (next: T) => {
    setValue(next);
    keepDraft(name, JSON.stringify(next));
  };
  return [value, keep, () => keepDraft(name, "")];
}

export function keepDraft(name: string, text: string): void {
  if (text === "") sessionStorage.removeItem(PREFIX + name);
  else sessionStorage.setItem(PREFIX + name, text);
}
