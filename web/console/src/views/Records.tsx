/** The structured records of a case at a glance: its newest risk assessment and hand-over. */

import type { CaseFile } from "../api/client";
import { me } from "../session";
import { when } from "../words";

export function Records({ file }: { file: CaseFile }) {
  const newest = (kind: "thrive" | "transfer") => file.timeline.filter((entry) => entry.kind === kind).at(-1);
  const model = me.value?.desk.thrive.model ?? "THRIVE";
  const records = [
    [model, newest("thrive")],
    ["Handed over", newest("transfer")],
  ] as const;
  return (
    <>
      {records.map(
        ([title, entry]) =>
          entry !== undefined && (
            <section key={title}>
              <h2>{title}</h2>
              <p class="small">
                {entry.by}, {when(entry.at)}
              </p>
              <ul class="lines">{entry.text?.split("\n").map((line, number) => <li key={number}>{line}</li>)}</ul>
            </section>
          ),
      )}
    </>
  );
}
