/** Confirm in bulk what the desk answered by itself. */

import { useState } from "preact/hooks";
import type { Case, Shapes } from "../api/client";
import { confirmAnswered } from "../cases";
import { Choices, Dialog } from "./parts";

type Disposition = Shapes["CloseBody"]["disposition"];

const ENDS: readonly (readonly [Disposition, string])[] = [
  ["signposted", "Signposted: the text that went out was right"],
  ["advice_given", "Advice given"],
  ["thanks", "Thanks"],
  ["repeat", "Repeat of a contact"],
  ["no_police_matter", "No police matter"],
  ["spam", "Spam or abuse"],
];

export function ConfirmMany({
  cases,
  close,
}: {
  cases: readonly Case[];
  close: (done: ReadonlySet<string>) => void;
}) {
  const [all] = useState(cases);
  const [end, setEnd] = useState<Disposition>("signposted");
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<readonly (readonly [Case, Error])[]>([]);
  const [running, setRunning] = useState(false);
  const finished = running && done.size + refused.length === all.length;

  const run = () => {
    setRunning(true);
    void confirmAnswered(all, end, (one, error) => {
      if (error === null) setDone((before) => new Set(before).add(one.case_id));
      else setRefused((before) => [...before, [one, error]]);
    });
  };
  return (
    <Dialog title={`Confirm ${all.length} ${all.length === 1 ? "case" : "cases"}`} close={() => close(done)}>
      {!running ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            run();
          }}
        >
          <Choices legend="How did they end?" name="end" options={ENDS} chosen={end} choose={setEnd} first />
          <button class="primary">Confirm and close them</button>
        </form>
      ) : (
        <>
          <p aria-live="polite">
            {done.size} of {all.length} closed.
          </p>
          <progress max={all.length} value={done.size + refused.length} aria-label="How many are done" />
          {refused.map(([one, error]) => (
            <p key={one.case_id} class="refusal">
              {one.reference}: {error.message}
            </p>
          ))}
          {finished && (
            <button type="button" class="primary" onClick={() => close(done)}>
              Back to the queue
            </button>
          )}
        </>
      )}
    </Dialog>
  );
}
