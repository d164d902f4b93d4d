/** All that happened to a case, oldest first: a person's words as they were written, what we sent and whether it came. */

import { useEffect, useState } from "preact/hooks";
import type { Attachment, CaseFile, Entry } from "../api/client";
import { pictureOf, resolve } from "../cases";
import { entryName, sendingTold, size, spaced, tongue, when } from "../words";
import { Refusal, useAct } from "./parts";
import { Link, Said, Words } from "./Words";

const THEIRS = new Set<Entry["kind"]>(["contact", "edit", "deleted"]);
const OURS = new Set<Entry["kind"]>(["reply", "automatic"]);
const WITH_WORDS = new Set<Entry["kind"]>(["note", "thrive", "transfer", "grade", "safe_contact", "second_read"]);

interface Shown {
  file: CaseFile;
  fired: readonly string[];
  mine: boolean;
  changed: () => void;
  answer: ((contact: string) => void) | null;
}

export function Timeline({ file, fired, mine, changed, answer }: Shown) {
  return (
    <ol class="timeline">
      {file.timeline.map((entry, number) => (
        <li key={`${entry.at}${entry.kind}${number}`} class={look(entry)}>
          {THEIRS.has(entry.kind) ? (
            <Theirs entry={entry} caseId={file.case_id} fired={fired} answer={answer} />
          ) : OURS.has(entry.kind) ? (
            <Ours entry={entry} mine={mine} changed={changed} />
          ) : (
            <Happened entry={entry} />
          )}
        </li>
      ))}
    </ol>
  );
}

function look(entry: Entry): string {
  if (THEIRS.has(entry.kind)) return "entry theirs";
  if (OURS.has(entry.kind)) return entry.state === "failed" || entry.state === "needs_human" ? "entry ours trouble" : "entry ours";
  return WITH_WORDS.has(entry.kind) ? "entry ours-only" : "entry happened";
}

function Theirs({
  entry,
  caseId,
  fired,
  answer,
}: {
  entry: Entry;
  caseId: string;
  fired: readonly string[];
  answer: ((contact: string) => void) | null;
}) {
  return (
    <>
      <p class="entry-head">
        {entry.by === null ? "Somebody" : <Said text={entry.by} />} <time dateTime={entry.at}>{when(entry.at)}</time>
        {entry.kind === "edit" && <strong class="tag changed">Edited: now reads</strong>}
        {entry.kind === "deleted" && <strong class="tag changed">Taken back by its writer</strong>}
        {entry.state !== null && entry.kind === "contact" && (
          <strong class="tag changed">{entry.state === "deleted" ? "Later taken back" : spaced(entry.state)}</strong>
        )}
        {entry.state !== null && entry.kind !== "contact" && <strong class="tag changed">{spaced(entry.state)}</strong>}
      </p>
      {entry.text !== null && entry.text !== "" ? (
        <Words text={entry.text} fired={fired} />
      ) : (
        entry.kind !== "deleted" && <p class="small">No words</p>
      )}
      {entry.report !== null && <Report report={entry.report} />}
      {entry.location !== null && (
        <p class="small">
          Sent a place: {entry.location.name !== null && <Said text={`${entry.location.name}, `} />}
          {entry.location.lat.toFixed(5)}, {entry.location.lon.toFixed(5)}
        </p>
      )}
      {entry.attachments.length > 0 && <Attachments all={entry.attachments} caseId={caseId} />}
      <p class="entry-foot">
        {entry.permalink !== null && <Link text="See it where it was written" url={entry.permalink} />}
        {answer !== null && entry.kind === "contact" && entry.contact_id !== null && entry.state !== "deleted" && (
          <button type="button" class="quiet" onClick={() => answer(entry.contact_id ?? "")}>
            Answer this
          </button>
        )}
      </p>
    </>
  );
}

function Report({ report }: { report: Record<string, unknown> }) {
  const lines = Object.entries(report).flatMap(([name, value]) => told(name, value));
  return (
    <dl class="facts">
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{ASKED[name] ?? spaced(name)}</dt>
          <dd>
            <Said text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What the form asked, in a few words, where the name of the field alone would not say it. */
const ASKED: Readonly<Record<string, string>> = {
  emergency_now: "Happening now",
  ok: "Safe to contact",
  how: "Safe like this",
  not_when: "Not when",
  country: "Writes from",
};

function told(name: string, value: unknown): [string, string][] {
  if (name === "ok" && value === false) return [[name, "no"]];
  if (value === null || value === undefined || value === "" || value === false) return [];
  if (typeof value === "object") return Object.entries(value).flatMap(([inner, one]) => told(inner, one));
  if (name === "language") return [[name, tongue(String(value))]];
  return [[name, value === true ? "yes" : String(value)]];
}

function Attachments({ all, caseId }: { all: readonly Attachment[]; caseId: string }) {
  return (
    <ul class="attachments">
      {all.map((one, number) => (
        <li key={number}>
          <Covered one={one} caseId={caseId} />
        </li>
      ))}
    </ul>
  );
}

const COPIES: Readonly<Record<string, string>> = {
  waiting: "being copied",
  kept: "kept as evidence",
  refused: "refused",
  gone: "gone from the platform",
  not_a_file: "not a file",
};

/** What came with it stays covered until somebody asks: nobody has to see what they did not choose to see. */
function Covered({ one, caseId }: { one: Attachment; caseId: string }) {
  const [picture, setPicture] = useState<string | null>(null);
  const [clear, setClear] = useState(false);
  const doing = useAct();
  useEffect(() => () => (picture === null ? undefined : URL.revokeObjectURL(picture)), [picture]);
  const { sha256 } = one;
  const isPicture = one.state === "kept" && sha256 !== null && (one.media_type ?? "").startsWith("image/");
  const fetchIt = () =>
    void doing.run(async () => {
      if (sha256 !== null) setPicture(URL.createObjectURL(await pictureOf(caseId, sha256)));
    });
  return (
    <div class="attachment">
      <p>
        <strong>{spaced(one.kind)}</strong>
        {one.media_type !== null && `, ${one.media_type}`}
        {one.size !== null && `, ${size(one.size)}`}
        {one.state !== null && `, ${COPIES[one.state] ?? one.state}`}
        {one.reason !== null && ` (${one.reason.replaceAll("_", " ")})`}
      </p>
      {isPicture && picture === null && (
        <button type="button" disabled={doing.busy} onClick={fetchIt}>
          Look at it, blurred
        </button>
      )}
      {picture !== null && (
        <>
          <img class={clear ? "" : "blurred"} src={picture} alt="Sent with the message; nobody has described it" />
          <p class="buttons">
            <button type="button" onClick={() => setClear(!clear)}>
              {clear ? "Blur it" : "Show it clearly"}
            </button>
            <button type="button" class="quiet" onClick={() => setPicture(null)}>
              Put it away
            </button>
          </p>
        </>
      )}
      <Refusal error={doing.error} />
    </div>
  );
}

function Ours({ entry, mine, changed }: { entry: Entry; mine: boolean; changed: () => void }) {
  const doing = useAct();
  const say = (outcome: "arrived" | "send-again") =>
    void doing.run(async () => {
      await resolve(entry.outbox_id ?? "", outcome);
      changed();
    });
  return (
    <>
      <p class="entry-head">
        <strong>{entryName(entry.kind)}</strong> {entry.by} <time dateTime={entry.at}>{when(entry.at)}</time>
        {entry.state !== null && <strong class={`tag sending ${entry.state}`}>{spaced(sendingTold(entry.state))}</strong>}
      </p>
      {entry.text !== null && <Words text={entry.text} />}
      {entry.trouble !== null && <p class="trouble-told">{entry.trouble}</p>}
      {entry.state === "needs_human" && mine && (
        <p class="buttons">
          <button type="button" disabled={doing.busy} onClick={() => say("arrived")}>
            It arrived
          </button>
          <button type="button" disabled={doing.busy} onClick={() => say("send-again")}>
            Send it again
          </button>
        </p>
      )}
      <Refusal error={doing.error} />
    </>
  );
}

function Happened({ entry }: { entry: Entry }) {
  return (
    <>
      <p class="entry-head">
        <strong>{entryName(entry.kind)}</strong> {entry.by} <time dateTime={entry.at}>{when(entry.at)}</time>
        {entry.text !== null && !WITH_WORDS.has(entry.kind) && <span>{spaced(entry.text)}</span>}
      </p>
      {entry.text !== null && WITH_WORDS.has(entry.kind) && <Words text={entry.text} />}
    </>
  );
}
