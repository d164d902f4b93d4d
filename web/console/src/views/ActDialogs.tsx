/** The short acts on a case: a note, another grade, safe contact, and its end. */

import { useState } from "preact/hooks";
import { type CaseFile, type Grade, Problem, type Shapes } from "../api/client";
import { close as closeCase, note, regrade, setSafeContact } from "../cases";
import { draftOf, keepDraft } from "../drafts";
import { DISPOSITIONS, gradeName, GRADES } from "../words";
import { Choices, Dialog, Field, Key, Refusal, useAct } from "./parts";

export interface Acting {
  file: CaseFile;
  close: () => void;
  done: () => void;
}

/** A form in a window: Enter in a line sends it, Ctrl and Enter does from everywhere. */
export function Form({
  send,
  busy,
  label,
  children,
  error,
}: {
  send: () => void;
  busy: boolean;
  label: string;
  children: preact.ComponentChildren;
  error: Error | null;
}) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          if (!busy && event.currentTarget.reportValidity()) send();
        }
      }}
    >
      {children}
      <Refusal error={error} />
      <button class="primary" disabled={busy}>
        {label} <Key of="Ctrl+Enter" />
      </button>
    </form>
  );
}

export function NoteDialog({ file, close, done }: Acting) {
  const name = `note:${file.case_id}`;
  const [text, setText] = useState(draftOf(name));
  const doing = useAct();
  const send = () =>
    void doing
      .run(() => note(file, text))
      .then((well) => {
        if (!well) return;
        keepDraft(name, "");
        done();
      });
  return (
    <Dialog title="Note to colleagues" close={close}>
      <Form send={send} busy={doing.busy} label="Keep the note" error={doing.error}>
        <Field label="Note" hint="The person never sees it.">
          {(id, described) => (
            <textarea
              id={id}
              aria-describedby={described}
              rows={5}
              required
              maxLength={2000}
              data-first=""
              value={text}
              onInput={(event) => {
                setText(event.currentTarget.value);
                keepDraft(name, event.currentTarget.value);
              }}
            />
          )}
        </Field>
      </Form>
    </Dialog>
  );
}

export function GradeDialog({ file, close, done }: Acting) {
  const [grade, setGrade] = useState<Grade>(file.grade);
  const [reason, setReason] = useState("");
  const doing = useAct();
  const send = () => void doing.run(() => regrade(file, { grade, reason })).then((well) => well && done());
  const lower = GRADES.indexOf(grade) > GRADES.indexOf(file.grade);
  return (
    <Dialog title="Grade again" close={close}>
      <Form send={send} busy={doing.busy} label="Grade" error={doing.error}>
        <Choices
          legend="Grade"
          name="grade"
          options={GRADES.map((one) => [one, gradeName(one)] as const)}
          chosen={grade}
          choose={setGrade}
          first
        />
        {lower && <p class="band stopped">You are lowering the grade. Only a person may; say why.</p>}
        <Field label="Why">
          {(id) => (
            <input
              id={id}
              type="text"
              required
              maxLength={500}
              autocomplete="off"
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
      </Form>
    </Dialog>
  );
}

export function SafeContactDialog({ file, close, done }: Acting) {
  const rule = file.safe_contact;
  const [ok, setOk] = useState<"yes" | "no">(rule?.ok === false ? "no" : "yes");
  const [how, setHow] = useState(rule?.how ?? "");
  const [notWhen, setNotWhen] = useState(rule?.not_when ?? "");
  const doing = useAct();
  const send = () =>
    void doing
      .run(() =>
        setSafeContact(file, { ok: ok === "yes", how: how === "" ? null : how, not_when: notWhen === "" ? null : notWhen }),
      )
      .then((well) => well && done());
  return (
    <Dialog title="How it is safe to make contact" close={close}>
      <Form send={send} busy={doing.busy} label="Set" error={doing.error}>
        <p>Nothing automatic is sent into this conversation from now on, but the neutral emergency text.</p>
        <Choices
          legend="Is it safe to write to them?"
          name="ok"
          options={[
            ["yes", "Yes, like this"],
            ["no", "No"],
          ]}
          chosen={ok}
          choose={setOk}
          first
        />
        <Field label="How">
          {(id) => <input id={id} type="text" maxLength={200} value={how} onInput={(event) => setHow(event.currentTarget.value)} />}
        </Field>
        <Field label="Not when">
          {(id) => (
            <input id={id} type="text" maxLength={200} value={notWhen} onInput={(event) => setNotWhen(event.currentTarget.value)} />
          )}
        </Field>
      </Form>
    </Dialog>
  );
}

type Disposition = Shapes["CloseBody"]["disposition"];
type Survey = NonNullable<Shapes["CloseBody"]["survey"]>;

const SURVEY: readonly (readonly [Survey | "not_asked", string])[] = [
  ["not_asked", "Not asked"],
  ["101", "Rung 101"],
  ["999", "Rung 999"],
  ["none", "Not made contact"],
];

export function CloseDialog({ file, close, done }: Acting) {
  const replied = file.timeline.some((entry) => entry.kind === "reply");
  const handed = file.timeline.some((entry) => entry.kind === "transfer");
  const likely = handed ? "transferred" : replied ? "advice_given" : file.state === "answered" ? "signposted" : "advice_given";
  const [disposition, setDisposition] = useState<Disposition>(likely);
  const [survey, setSurvey] = useState<Survey | "not_asked">("not_asked");
  const doing = useAct();
  const send = () =>
    void doing
      .run(() =>
        closeCase(file, {
          disposition,
          last_contact_at: file.last_contact_at,
          survey: survey === "not_asked" ? null : survey,
        }),
      )
      .then((well) => well && done());
  const newer = doing.error instanceof Problem && doing.error.type === "new-contact";
  return (
    <Dialog title="Close the case" close={close}>
      <Form send={send} busy={doing.busy || newer} label="Close the case" error={doing.error}>
        <Choices
          legend="How did it end?"
          name="disposition"
          options={DISPOSITIONS as readonly (readonly [Disposition, string])[]}
          chosen={disposition}
          choose={setDisposition}
          first
        />
        <Choices
          legend="Without this, what would they have done?"
          name="survey"
          options={SURVEY}
          chosen={survey}
          choose={setSurvey}
          inline
        />
      </Form>
      {newer && (
        <button type="button" onClick={close}>
          Read what they wrote
        </button>
      )}
    </Dialog>
  );
}
