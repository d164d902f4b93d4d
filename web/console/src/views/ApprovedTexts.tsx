/** The force's approved texts: type to narrow, arrows to choose, Enter to take. */

import { useEffect, useState } from "preact/hooks";
import type { Approved, CaseFile } from "../api/client";
import { approvedTexts } from "../cases";
import { me } from "../session";
import { Choices, Dialog, Refusal } from "./parts";

export function ApprovedTexts({
  file,
  close,
  choose,
}: {
  file: CaseFile;
  close: () => void;
  choose: (text: string) => void;
}) {
  const languages = me.value?.desk.languages ?? ["en"];
  const theirs = file.language !== null && languages.includes(file.language) ? file.language : languages[0];
  const [language, setLanguage] = useState(theirs ?? "en");
  const [all, setAll] = useState<readonly Approved[]>([]);
  const [error, setError] = useState<Error | null>(null);
  const [sought, setSought] = useState("");
  const [at, setAt] = useState(0);

  useEffect(() => {
    approvedTexts().then(setAll, setError);
  }, []);

  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = all.filter(
    (one) => one.language === language && words.every((word) => `${one.title} ${one.text}`.toLowerCase().includes(word)),
  );
  const current = Math.min(at, shown.length - 1);
  const written = (one: Approved) => one.text.replaceAll("{reference}", file.reference);
  return (
    <Dialog title="Approved texts" close={close} wide>
      <Refusal error={error} />
      <label for="sought">Find</label>
      <input
        id="sought"
        type="text"
        autocomplete="off"
        data-first=""
        value={sought}
        role="combobox"
        aria-expanded="true"
        aria-controls="approved"
        aria-activedescendant={shown[current] === undefined ? undefined : `approved-${current}`}
        onInput={(event) => {
          setSought(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (step !== 0) {
            event.preventDefault();
            const next = Math.max(0, Math.min(shown.length - 1, current + step));
            setAt(next);
            document.getElementById(`approved-${next}`)?.scrollIntoView({ block: "nearest" });
          }
          const one = shown[current];
          if (event.key === "Enter" && one !== undefined) {
            event.preventDefault();
            choose(written(one));
          }
        }}
      />
      {languages.length > 1 && (
        <Choices
          legend="Language"
          name="language"
          inline
          options={languages.map((one) => [one, NAMES[one] ?? one] as const)}
          chosen={language}
          choose={setLanguage}
        />
      )}
      <ul class="approved" id="approved" role="listbox" aria-label="Approved texts">
        {shown.map((one, number) => (
          <li
            key={one.name}
            id={`approved-${number}`}
            role="option"
            aria-selected={number === current}
            onClick={() => choose(written(one))}
          >
            <strong>{one.title}</strong>
            <span>{written(one)}</span>
          </li>
        ))}
      </ul>
      {shown.length === 0 && error === null && <p class="nothing">No text has these words.</p>}
    </Dialog>
  );
}

const NAMES: Readonly<Record<string, string>> = { en: "English", cy: "Welsh" };
