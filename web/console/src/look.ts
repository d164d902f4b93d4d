/** How the screen looks and sounds, as its user likes it: kept on this machine, nothing personal in it. */

import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const THEME = "theme";
const SOUND = "sound";

/** What the view that is open is called; the tab says it. */
export const viewTitle = signal("");

export const theme = signal<Theme>((localStorage.getItem(THEME) as Theme | null) ?? "system");
export const sound = signal(localStorage.getItem(SOUND) !== "off");

export function dress(): void {
  document.documentElement.dataset["theme"] = theme.value;
}

export function wear(chosen: Theme): void {
  theme.value = chosen;
  localStorage.setItem(THEME, chosen);
  dress();
}

export function hear(on: boolean): void {
  sound.value = on;
  localStorage.setItem(SOUND, on ? "on" : "off");
}

let player: AudioContext | null = null;

/** Two tones that nothing else on a desk makes; browsers allow it once somebody has touched the page. */
export function ring(): void {
  if (!sound.value || !navigator.userActivation.hasBeenActive) return;
  try {
    player ??= new AudioContext();
    if (player.state === "suspended") void player.resume();
    for (const [start, pitch] of [
      [0, 880],
      [0.22, 660],
    ] as const) {
      const tone = player.createOscillator();
      const volume = player.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, player.currentTime + start);
      volume.gain.exponentialRampToValueAtTime(0.2, player.currentTime + start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, player.currentTime + start + 0.2);
      tone.connect(volume).connect(player.destination);
      tone.start(player.currentTime + start);
      tone.stop(player.currentTime + start + 0.22);
    }
  } catch {
    // A machine without sound has the red band and the title.
  }
}
