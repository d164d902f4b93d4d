/** Every key of the view that is open, and how the screen looks and sounds. */

import { layers, singleKeys, switchSingleKeys } from "../keys";
import { hear, sound, theme, type Theme, wear } from "../look";
import { Choices, Dialog, Key } from "./parts";

const THEMES: readonly (readonly [Theme, string])[] = [
  ["system", "As the machine"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function Help({ close }: { close: () => void }) {
  // The last layer is this window's own.
  const known = layers.value.flatMap((layer) => [...layer.bindings]);
  const keys = [...new Map(known.map((one) => [one.key, one])).values()].filter((one) => one.does !== "");
  return (
    <Dialog title="Keys" close={close} wide>
      <dl class="keys">
        {keys.map((one) => (
          <div key={one.key}>
            <dt>
              <Key of={one.key} />
              <span class="heard">{one.key}</span>
            </dt>
            <dd>{one.does}</dd>
          </div>
        ))}
      </dl>
      <label class="choice">
        <input
          type="checkbox"
          checked={singleKeys.value}
          onChange={(event) => switchSingleKeys(event.currentTarget.checked)}
        />
        <span>Keys of one letter (switch them off if you dictate)</span>
      </label>
      <label class="choice">
        <input type="checkbox" checked={sound.value} onChange={(event) => hear(event.currentTarget.checked)} />
        <span>A sound for A1 alerts</span>
      </label>
      <Choices legend="Colours" name="theme" options={THEMES} chosen={theme.value} choose={wear} inline />
    </Dialog>
  );
}
