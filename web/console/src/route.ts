/** Where on the screen one is: the address is the truth, so that every place can be linked to and reloaded. */

import { signal } from "@preact/signals";

export type Place =
  | { at: "queue" }
  | { at: "case"; id: string }
  | { at: "broadcasts" }
  | { at: "broadcast"; id: string }
  | { at: "draft"; id: string | null; corrects: string | null }
  | { at: "desk" }
  | { at: "figures" }
  | { at: "nowhere" };

const BASE = "/console";

export const place = signal<Place>(placeOf(location.pathname));

addEventListener("popstate", () => {
  place.value = placeOf(location.pathname);
});

export function placeOf(path: string): Place {
  const [first, second, third] = path.slice(BASE.length).split("/").filter(Boolean);
  if (first === undefined || first === "signed-in") return { at: "queue" };
  if (first === "cases" && second !== undefined && third === undefined) return { at: "case", id: second };
  if (first === "desk" && second === undefined) return { at: "desk" };
  if (first === "figures" && second === undefined) return { at: "figures" };
  if (first !== "broadcasts") return { at: "nowhere" };
  if (second === undefined) return { at: "broadcasts" };
  if (second === "new") return { at: "draft", id: null, corrects: null };
  if (third === "edit") return { at: "draft", id: second, corrects: null };
  if (third === "correct") return { at: "draft", id: null, corrects: second };
  return third === undefined ? { at: "broadcast", id: second } : { at: "nowhere" };
}

export const to = {
  queue: `${BASE}/`,
  desk: `${BASE}/desk`,
  figures: `${BASE}/figures`,
  broadcasts: `${BASE}/broadcasts`,
  draft: `${BASE}/broadcasts/new`,
  case: (id: string) => `${BASE}/cases/${id}`,
  broadcast: (id: string) => `${BASE}/broadcasts/${id}`,
  edit: (id: string) => `${BASE}/broadcasts/${id}/edit`,
  correct: (id: string) => `${BASE}/broadcasts/${id}/correct`,
};

export function go(path: string, replace = false): void {
  if (replace) history.replaceState(null, "", path);
  else if (path !== location.pathname) history.pushState(null, "", path);
  place.value = placeOf(path);
  // Another view begins at its top, however far down the list one was.
  scrollTo(0, 0);
}

/** A click on a link of the screen's own moves within it; one that asks for a new tab is the browser's. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest("a");
  if (!link || link.target !== "" || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || !url.pathname.startsWith(`${BASE}/`) || url.hash !== "") return;
  event.preventDefault();
  go(url.pathname);
}
