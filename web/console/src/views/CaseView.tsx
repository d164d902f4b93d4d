/** One case: what was said, why it is graded so, who holds it, and every act on it. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { CaseFile } from "../api/client";
import { claim, openFile, release, takeOver } from "../cases";
import { useKeys } from "../keys";
import { alerts, now, openCase, refresh, watched } from "../live";
import { go, to } from "../route";
import { is, me } from "../session";
import { clock, ended, from, markerName, spaced, span, sureness, tongue, when } from "../words";
import { Alike } from "./Alike";
import { CloseDialog, GradeDialog, NoteDialog, SafeContactDialog } from "./ActDialogs";
import { Due, GradeTag, Heading, Key, Missing, Refusal, useAct } from "./parts";
import { Records } from "./Records";
import { ReplyBox } from "./ReplyBox";
import { ThriveDialog, TransferDialog } from "./StructuredDialogs";
import { Timeline } from "./Timeline";
import { Link, Said } from "./Words";

type Window = "note" | "grade" | "thrive" | "transfer" | "close" | "safe" | null;

const UNSETTLED = new Set(["pending", "claimed", "started", "in_doubt"]);
const SETTLES_WITHIN_MILLISECONDS = 120_000;

export function CaseView({ id }: { id: string }) {
  const [file, setFile] = useState<CaseFile | null>(null);
  const [missing, setMissing] = useState<Error | null>(null);
  const [open, setOpen] = useState<Window>(null);
  const [answers, setAnswers] = useState<string | null>(null);
  const [texts, setTexts] = useState(0);
  const [fresh, setFresh] = useState(false);
  const doing = useAct();
  const replyBox = useRef<HTMLTextAreaElement>(null);
  const active = useRef(Date.now());
  const reading = useRef(false);

  const read = async () => {
    if (reading.current) return;
    reading.current = true;
    try {
      const found = await openFile(id);
      setFile((before) => {
        if (before !== null && found.last_contact_at !== before.last_contact_at) setFresh(true);
        return found;
      });
      setMissing(null);
    } catch (error) {
      setMissing(error instanceof Error ? error : new Error("The case cannot be read."));
    } finally {
      reading.current = false;
    }
  };

  useEffect(() => {
    openCase.value = id;
    void read();
    return () => {
      openCase.value = null;
    };
  }, [id]);

  // The watch tells that the case has moved on, or that what was sent has yet to settle.
  const seen = watched.value;
  const settling = file?.timeline.some(
    (entry) =>
      entry.state !== null && UNSETTLED.has(entry.state) && now.value - Date.parse(entry.at) < SETTLES_WITHIN_MILLISECONDS,
  );
  const beat = settling === true ? Math.floor(now.value / 2000) : 0;
  useEffect(() => {
    if (file === null || seen === null || seen.case_id !== id) return;
    const moved =
      seen.version !== file.version ||
      seen.last_contact_at !== file.last_contact_at ||
      seen.state !== file.state ||
      seen.owner?.name !== file.owner?.name ||
      seen.owner?.until !== file.owner?.until;
    if (moved || settling === true) void read();
  }, [seen, beat]);

  const mine = file?.owner !== null && file?.owner !== undefined && file.owner.name === me.value?.name;
  const closed = file?.state === "closed";

  // The lease is renewed by whoever works, and runs out under whoever has left.
  useEffect(() => {
    const works = () => {
      active.current = Date.now();
    };
    addEventListener("keydown", works);
    addEventListener("pointerdown", works);
    return () => {
      removeEventListener("keydown", works);
      removeEventListener("pointerdown", works);
    };
  }, []);
  const lease = (me.value?.desk.lease_seconds ?? 600) * 1000;
  const until = mine && file?.owner ? Date.parse(file.owner.until) : null;
  const renew = until !== null && until - now.value < lease / 2 && Date.now() - active.current < lease / 2;
  useEffect(() => {
    if (renew) void claim(id).then(read, () => undefined);
  }, [renew]);

  // Whose case it is changes the buttons: whoever stood on one that is gone goes on from the heading.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [mine]);

  const perform = (act: () => Promise<unknown>) => void doing.run(act).then(read);
  const back = () => {
    refresh();
    go(to.queue);
  };
  const held = (act: () => void) => () => {
    if (mine) act();
    else void doing.run(() => Promise.reject(new Error("Claim the case first: press c.")));
  };
  const holds = (window: Window) => held(() => setOpen(window));
  useKeys([
    { key: "Escape", does: "Back to the queue", run: back },
    ...(closed || file === null
      ? []
      : [
          { key: "c", does: mine ? "Renew your claim" : "Claim the case", run: () => perform(() => claim(id)) },
          { key: "u", does: "Give the case back", run: () => mine && perform(() => release(id)) },
          ...(is("supervisor") && file.owner !== null && !mine
            ? [{ key: "o", does: "Take the case over", run: () => perform(() => takeOver(id)) }]
            : []),
          { key: "r", does: "Write a reply", run: () => replyBox.current?.focus() },
          { key: "a", does: "Choose an approved text", run: held(() => setTexts((count) => count + 1)) },
          { key: "n", does: "Write a note", run: holds("note") },
          { key: "g", does: "Grade again", run: holds("grade") },
          { key: "h", does: "Record the risk assessment", run: holds("thrive") },
          { key: "t", does: "Hand over", run: holds("transfer") },
          { key: "v", does: "Set how it is safe to make contact", run: () => setOpen("safe") },
          { key: "x", does: "Close the case", run: holds("close") },
        ]),
  ]);

  if (file === null)
    return missing === null ? <p class="nothing">Opening the case…</p> : <Missing title="This case cannot be shown" error={missing} />;

  const alarm = alerts.value.find((one) => one.case_id === id);
  const fired = file.reasons.flatMap((reason) => reason.words);
  const change = () => {
    setOpen(null);
    void read();
  };
  const acts: readonly (readonly [Window, string, string])[] = [
    ["note", "Note", "n"],
    ["grade", "Grade", "g"],
    ["thrive", me.value?.desk.thrive.model ?? "THRIVE", "h"],
    ["transfer", "Hand over", "t"],
    ["close", "Close", "x"],
  ];
  return (
    <div class="case">
      <div class={`case-head edge-${file.grade}`}>
        <p class="case-line">
          <a href={to.queue}>
            Queue <Key of="Esc" />
          </a>
          <GradeTag grade={file.grade} />
          {closed ? <span class="tag plain">Closed</span> : <Due by={file.answer_by} />}
          {file.state === "answered" && <span class="tag plain">Answered by the desk</span>}
          {alarm !== undefined && <span class="tag alarmed">{alarm.rank} alert open</span>}
        </p>
        <Heading title={file.reference}>{file.reason === "" ? "No rule fired" : file.reason}</Heading>
        <p class="case-line small">
          <span class="reference">{file.reference}</span>
          <span>{from(file)}</span>
          {file.person_name !== null && <Said text={file.person_name} />}
          {file.language !== null && file.language !== "en" && <span>{tongue(file.language)}</span>}
        </p>
        <p class="heard" aria-live="polite">
          {mine ? "This case is yours." : file.owner !== null ? `This case is with ${file.owner.name}.` : ""}
        </p>
        <div class="holding">
          <Holder file={file} mine={mine} />
          {!closed && !mine && file.owner === null && (
            <button type="button" class="primary" disabled={doing.busy} onClick={() => perform(() => claim(id))}>
              Claim <Key of="c" />
            </button>
          )}
          {!closed && !mine && file.owner !== null && is("supervisor") && (
            <button type="button" class="primary" disabled={doing.busy} onClick={() => perform(() => takeOver(id))}>
              Take over <Key of="o" />
            </button>
          )}
          {mine &&
            acts.map(([window, label, key]) => (
              <button key={label} type="button" onClick={() => setOpen(window)}>
                {label} <Key of={key} />
              </button>
            ))}
          {mine && (
            <button type="button" class="quiet" onClick={() => perform(() => release(id))}>
              Give back <Key of="u" />
            </button>
          )}
        </div>
        <Refusal error={doing.error} />
      </div>
      <div class="case-body">
        <section class="case-main" aria-label="What happened">
          {file.safe_contact !== null && <SafeContactBand rule={file.safe_contact} />}
          {fresh && (
            <p class="band fresh" role="status">
              The person has written again.{" "}
              <button type="button" class="quiet" onClick={() => setFresh(false)}>
                I have read it
              </button>
            </p>
          )}
          <Timeline
            file={file}
            fired={fired}
            mine={mine}
            changed={() => void read()}
            answer={
              file.surface === "public" && mine
                ? (contact) => {
                    setAnswers(contact);
                    replyBox.current?.focus();
                  }
                : null
            }
          />
          <ReplyBox
            file={file}
            mine={mine}
            answers={answers}
            box={replyBox}
            textsAsked={texts}
            sent={() => {
              setAnswers(null);
              setFresh(false);
              void read();
            }}
            stale={() => void read()}
            anyContact={() => setAnswers(null)}
          />
        </section>
        <Aside file={file} setSafe={() => setOpen("safe")} />
      </div>
      {open === "note" && <NoteDialog file={file} close={() => setOpen(null)} done={change} />}
      {open === "grade" && <GradeDialog file={file} close={() => setOpen(null)} done={change} />}
      {open === "thrive" && <ThriveDialog file={file} close={() => setOpen(null)} done={change} />}
      {open === "transfer" && <TransferDialog file={file} close={() => setOpen(null)} done={change} />}
      {open === "safe" && <SafeContactDialog file={file} close={() => setOpen(null)} done={change} />}
      {open === "close" && (
        <CloseDialog
          file={file}
          close={() => {
            setOpen(null);
            void read();
          }}
          done={back}
        />
      )}
    </div>
  );
}

function Holder({ file, mine }: { file: CaseFile; mine: boolean }) {
  if (file.state === "closed") {
    return (
      <p class="holder">
        Closed{file.closed_at !== null && ` at ${when(file.closed_at)}`}
        {file.disposition !== null && `: ${ended(file.disposition)}`}
      </p>
    );
  }
  if (file.owner === null) return <p class="holder free">Nobody holds this case</p>;
  const left = Date.parse(file.owner.until) - now.value;
  return (
    <p class={mine ? "holder mine" : "holder held"}>
      {mine ? "Yours" : `With ${file.owner.name}`} until {clock(file.owner.until)}
      {mine && left < 120_000 && left > 0 && ` (${span(left)} left: any key renews it)`}
    </p>
  );
}

function SafeContactBand({ rule }: { rule: NonNullable<CaseFile["safe_contact"]> }) {
  return (
    <div class={rule.ok ? "band safe" : "band unsafe"}>
      <p>
        <strong>{rule.ok ? "Safe to contact, with care." : "Not safe to contact."}</strong>{" "}
        {rule.how !== null && rule.how !== "" && (
          <>
            How: <Said text={rule.how} />{" "}
          </>
        )}
        {rule.not_when !== null && rule.not_when !== "" && (
          <>
            Not when: <Said text={rule.not_when} />
          </>
        )}
      </p>
    </div>
  );
}

function Aside({ file, setSafe }: { file: CaseFile; setSafe: () => void }) {
  return (
    <aside class="case-side" aria-label="About this case">
      {file.markers.length > 0 && (
        <section>
          <h2>Markers</h2>
          <p class="markers">
            {file.markers.map((marker) => (
              <strong key={marker} class="tag marker">
                {markerName(marker)}
              </strong>
            ))}
          </p>
        </section>
      )}
      <section>
        <h2>Why this grade</h2>
        {file.reasons.length === 0 ? (
          <p>No rule fired.</p>
        ) : (
          <ul class="reasons">
            {file.reasons.map((reason) => (
              <li key={reason.rule}>
                {reason.reason}
                {reason.words.length > 0 && (
                  <span class="fired">
                    {reason.words.map((word) => (
                      <mark key={word}>
                        <Said text={word} />
                      </mark>
                    ))}
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </section>
      <section>
        <h2>Times</h2>
        <dl class="facts">
          <div>
            <dt>Opened</dt>
            <dd>{when(file.opened_at)}</dd>
          </div>
          <div>
            <dt>Last wrote</dt>
            <dd>
              {when(file.last_contact_at)} ({span(now.value - Date.parse(file.last_contact_at))} ago)
            </dd>
          </div>
          <div>
            <dt>Answer by</dt>
            <dd>{when(file.answer_by)}</dd>
          </div>
        </dl>
      </section>
      {file.broadcasts.length > 0 && (
        <section>
          <h2>Live about the same place</h2>
          <ul>
            {file.broadcasts.map((one) => (
              <li key={one.broadcast_id}>
                <a href={to.broadcast(one.broadcast_id)}>{one.what}</a>, {one.where}
                <br />
                <Link text={one.link} url={one.link} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <Alike one={file} />
      {file.places.length > 0 && (
        <section>
          <h2>Places it may speak of</h2>
          <ul>
            {file.places.map((place) => (
              <li key={place.name}>
                <Said text={place.name} /> <span class="small">{sureness(place.confidence)}</span>
              </li>
            ))}
          </ul>
          <p class="small">Read by the machine in their words. Ask, where it matters.</p>
        </section>
      )}
      {file.earlier.length > 0 && (
        <section>
          <h2>Earlier in this conversation</h2>
          <ul>
            {file.earlier.map((one) => (
              <li key={one.case_id}>
                <a href={to.case(one.case_id)}>{one.reference}</a>, {when(one.opened_at)}
                <br />
                <span class="small">{one.disposition === null ? spaced(one.state) : ended(one.disposition)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Records file={file} />
      {file.state !== "closed" && (
        <p>
          <button type="button" class="quiet" onClick={setSafe}>
            Safe contact <Key of="v" />
          </button>
        </p>
      )}
    </aside>
  );
}
