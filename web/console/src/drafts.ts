/** What was typed and not sent, by case: kept in this tab, so that neither a reload nor a lost claim loses a word. */

const PREFIX = "draft:";

export function draftOf(name: string): string {
  return sessionStorage.getItem(PREFIX + name) ?? "";
}

export function keepDraft(name: string, text: string): void {
  if (text === "") sessionStorage.removeItem(PREFIX + name);
  else sessionStorage.setItem(PREFIX + name, text);
}
