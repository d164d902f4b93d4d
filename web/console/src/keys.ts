/** Every act has a key. A key does what the innermost part of the screen that knows it says. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

export interface Binding {
  key: string;
  does: string;
  run: () => void;
  /** Also while one types. */
  typing?: boolean;
}

/** The keys of one part of the screen; a window lets no key through to what lies under it. */
interface Layer {
  bindings: readonly Binding[];
  window: boolean;
}

const SWITCH = "single-keys";
export const singleKeys = signal(localStorage.getItem(SWITCH) !== "off");
export const layers = signal<readonly Layer[]>([]);

export function switchSingleKeys(on: boolean): void {
  singleKeys.value = on;
  localStorage.setItem(SWITCH, on ? "on" : "off");
}

/** The keys of a part of the screen, for as long as it is there. */
export function useKeys(bindings: readonly Binding[], { active = true, window = false } = {}): void {
  const current = useRef(bindings);
  current.current = bindings;
  useEffect(() => {
    if (!active) return undefined;
    // Looked up when pressed, so that what a key does is always what the screen shows now.
    const looked = new Proxy([] as Binding[], { get: (_, name) => Reflect.get(current.current, name) });
    const layer = { bindings: looked, window };
    layers.value = [...layers.value, layer];
    return () => {
      layers.value = layers.value.filter((one) => one !== layer);
    };
  }, [active]);
}

function nameOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key : event.key;
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${key}`;
}

function typesIn(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** A box that is ticked takes no letters. */
function ticks(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type === "checkbox";
}

export function listen(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const name = nameOf(event);
    const typing = typesIn(event.target) && !(name.length === 1 && ticks(event.target));
    if (name.length === 1 && (typing || !singleKeys.value)) return;
    // Enter and space on a button or a link are its own.
    const pressed = event.target instanceof HTMLElement && event.target.closest("button, a, summary, [role=option]");
    if (pressed && (name === "Enter" || name === " ")) return;
    for (const layer of [...layers.value].reverse()) {
      const binding = [...layer.bindings].find((one) => one.key === name && (!typing || one.typing === true));
      if (binding !== undefined) {
        event.preventDefault();
        // A window that was told to close is out of the way of the next key, even before it is gone from the screen.
        if (layer.window && name === "Escape") layers.value = layers.value.filter((one) => one !== layer);
        binding.run();
        return;
      }
      if (layer.window) return;
    }
  });
}
