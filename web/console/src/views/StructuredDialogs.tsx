/** The two structured records: the risk assessment by the force's model, and a hand-over. */

import { useState } from "preact/hooks";
import type { Grade, Shapes } from "../api/client";
import { assess, handOver } from "../cases";
import { useKept } from "../drafts";
import { me } from "../session";
import { gradeName, GRADES } from "../words";
import { type Acting, Form } from "./ActDialogs";
import { Choices, Dialog, Field, useAct } from "./parts";

type Answer = "yes" | "no" | "unknown";

const ANSWERS: readonly (readonly [Answer, string])[] = [
  ["yes", "Yes"],
  ["no", "No"],
  ["unknown", "Not known"],
];

export function ThriveDialog({ file, close, done }: Acting) {
  const model = me.value?.desk.thrive ?? { model: "THRIVE", elements: [], prompts: [] };
  const [texts, setTexts, forget] = useKept<Readonly<Record<string, string>>>(`thrive:${file.case_id}`, {});
  const [answers, setAnswers] = useState<Readonly<Record<string, Answer>>>({});
  const [level, setLevel] = useState<Grade>(file.grade);
  const doing = useAct();
  const send = () => {
    const assessments = model.elements
      .map((element) => ({ element, text: (texts[element] ?? "").trim() }))
      .filter((one) => one.text !== "");
    const prompts = model.prompts.map((prompt) => ({ prompt, answer: answers[prompt] ?? ("unknown" as const) }));
    void doing
      .run(() => assess(file, { level, assessments, prompts }))
      .then((well) => {
        if (!well) return;
        forget();
        done();
      });
  };
  return (
    <Dialog title={model.model} close={close} wide>
      <Form send={send} busy={doing.busy} label="Record" error={doing.error}>
        <div class="two-columns">
          {model.elements.map((element, number) => (
            <Field key={element} label={element}>
              {(id) => (
                <textarea
                  id={id}
                  rows={2}
                  maxLength={500}
                  {...(number === 0 ? { "data-first": "" } : {})}
                  value={texts[element] ?? ""}
                  onInput={(event) => setTexts({ ...texts, [element]: event.currentTarget.value })}
                />
              )}
            </Field>
          ))}
        </div>
        {model.prompts.map((prompt) => (
          <Choices
            key={prompt}
            legend={prompt}
            name={prompt}
            inline
            options={ANSWERS}
            chosen={answers[prompt] ?? "unknown"}
            choose={(answer) => setAnswers({ ...answers, [prompt]: answer })}
          />
        ))}
        <Choices
          legend="It comes to"
          name="level"
          inline
          options={GRADES.map((one) => [one, gradeName(one)] as const)}
          chosen={level}
          choose={setLevel}
        />
      </Form>
    </Dialog>
  );
}

type Told = Exclude<keyof Shapes["HandoverBody"], "what" | "accepted">;

const FIELDS: readonly (readonly [Told, string])[] = [
  ["where", "Where"],
  ["when", "When"],
  ["who", "Who"],
  ["weapons", "Weapons"],
  ["injuries", "Injuries"],
  ["description", "Description"],
  ["direction", "Direction of travel"],
  ["informant", "Informant, and how to reach them"],
  ["safe_to_ring", "Is it safe to ring them?"],
];

type HandedOver = { what: string; accepted: string } & Partial<Record<Told, string>>;

const NOTHING_SAID: HandedOver = { what: "", accepted: "" };

const RECEIVERS = ["Control room", "Another force", "Crime bureau", "Neighbourhood team", "Partner agency"];

export function TransferDialog({ file, close, done }: Acting) {
  const [whom, setWhom] = useState(RECEIVERS[0] ?? "");
  const [{ what, accepted, ...told }, setTold, forget] = useKept<HandedOver>(`transfer:${file.case_id}`, NOTHING_SAID);
  const tell = (changes: Partial<HandedOver>) => setTold({ what, accepted, ...told, ...changes });
  const doing = useAct();
  const send = () =>
    void doing
      .run(() => handOver(file, { to: whom, handover: { what, ...told, accepted: accepted === "" ? null : accepted } }))
      .then((well) => {
        if (!well) return;
        forget();
        done();
      });
  return (
    <Dialog title="Hand over" close={close} wide>
      <Form send={send} busy={doing.busy} label="Record the hand-over" error={doing.error}>
        <div class="two-columns">
          <Field label="To">
            {(id) => (
              <>
                <input
                  id={id}
                  type="text"
                  list="receivers"
                  required
                  maxLength={80}
                  data-first=""
                  value={whom}
                  onInput={(event) => setWhom(event.currentTarget.value)}
                />
                <datalist id="receivers">
                  {RECEIVERS.map((one) => (
                    <option key={one} value={one} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
          <Field label="What">
            {(id) => (
              <input id={id} type="text" required maxLength={500} value={what} onInput={(event) => tell({ what: event.currentTarget.value })} />
            )}
          </Field>
          {FIELDS.map(([name, label]) => (
            <Field key={name} label={label}>
              {(id) => (
                <input
                  id={id}
                  type="text"
                  maxLength={500}
                  value={told[name] ?? ""}
                  onInput={(event) => tell({ [name]: event.currentTarget.value })}
                />
              )}
            </Field>
          ))}
          <Field label="Accepted under" hint="Their own reference is the only proof that they have it.">
            {(id, described) => (
              <input
                id={id}
                type="text"
                maxLength={500}
                aria-describedby={described}
                value={accepted}
                onInput={(event) => tell({ accepted: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
      </Form>
    </Dialog>
  );
}
