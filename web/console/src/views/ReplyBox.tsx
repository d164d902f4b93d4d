/** A reply: what may be written, how much, until when; kept while it is typed, and warned of before it promises. */

import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type CaseFile, Problem, type Shapes } from "../api/client";
import { promisesIn, reply } from "../cases";
import { draftOf, keepDraft } from "../drafts";
import { useKeys } from "../keys";
import { now } from "../live";
import { count } from "../text/count";
import { channel, span } from "../words";
import { ApprovedTexts } from "./ApprovedTexts";
import { Key, Refusal, useAct } from "./parts";
import { Said } from "./Words";

/** Whether a report says where a reply may go: before anybody writes one that is refused. */
function givesEmail(file: CaseFile): boolean {
  return file.timeline.some((one) => {
    const contact = one.report?.["contact"];
    return typeof contact === "object" && contact !== null && "email" in contact && Boolean(contact.email);
  });
}

const QUOTED = 80;

function chosenWords(file: CaseFile, contact: string): string {
  const words = [...(file.timeline.find((one) => one.contact_id === contact && one.kind === "contact")?.text ?? "")];
  return words.length > QUOTED ? `${words.slice(0, QUOTED).join("")}…` : words.join("");
}

export function ReplyBox({
  file,
  mine,
  answers,
  box,
  textsAsked,
  sent,
  stale,
  anyContact,
}: {
  file: CaseFile;
  mine: boolean;
  answers: string | null;
  box: RefObject<HTMLTextAreaElement | null>;
  textsAsked: number;
  sent: () => void;
  stale: () => void;
  anyContact: () => void;
}) {
  const [text, setText] = useState(draftOf(file.case_id));
  const [choosing, setChoosing] = useState(false);
  const [promises, setPromises] = useState<readonly Shapes["PromiseShape"][]>([]);
  const [warned, setWarned] = useState<string | null>(null);
  const [parts, setParts] = useState<readonly string[]>([]);
  const doing = useAct();

  useEffect(() => {
    if (textsAsked > 0) setChoosing(true);
  }, [textsAsked]);

  const write = (next: string) => {
    setText(next);
    keepDraft(file.case_id, next);
  };
  const gone = () => {
    write("");
    setPromises([]);
    setWarned(null);
    setParts([]);
    // What was sent is done with: the keys are for acts again.
    box.current?.blur();
    sent();
  };
  const body = (words: string): Shapes["ReplyBody"] => (answers === null ? { text: words } : { text: words, answers });
  const send = () => {
    if (!mine || text.trim() === "") return;
    void doing.run(async () => {
      if (warned !== text) {
        const found = await promisesIn(text.slice(0, 2000));
        setPromises(found);
        if (found.length > 0) {
          setWarned(text);
          return;
        }
      }
      try {
        await reply(file, body(text));
        gone();
      } catch (error) {
        const offered = error instanceof Problem && error.type === "text-too-long" ? error.fields["parts"] : null;
        if (Array.isArray(offered)) setParts(offered as string[]);
        if (error instanceof Problem && error.status === 412) stale();
        throw error;
      }
    });
  };
  const sendParts = () =>
    void doing.run(async () => {
      let held: Parameters<typeof reply>[0] = file;
      for (const [number, part] of parts.entries()) {
        held = await reply(held, body(part));
        const rest = parts.slice(number + 1);
        setParts(rest);
        write(rest.join("\n\n"));
      }
      gone();
    });

  useKeys([{ key: "Ctrl+Enter", does: "Send the reply", run: send, typing: true }], { active: mine });

  if (file.state === "closed") return null;
  const limit = file.reply_limit;
  if (limit === null)
    return (
      <p class="band">The desk reads this channel but cannot write to it. Answer with {channel(file.channel)}’s own tool.</p>
    );
  const mailed = file.channel === "report_form";
  const used = count(text, limit.counting);
  const left = file.reply_until === null ? null : Date.parse(file.reply_until) - now.value;
  return (
    <form
      class="reply"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="reply-head">
        <label for="reply">{mailed ? "Reply by e-mail" : `Reply on ${channel(file.channel)}`}</label>
        {mailed && !givesEmail(file) && <span class="due soon">The report gives no e-mail address to reply to</span>}
        {file.surface === "public" && <strong class="tag public">In public: everybody can read it</strong>}
        {left !== null && (
          <span class={left < 3_600_000 ? "due soon" : "due"}>
            {left > 0 ? `${channel(file.channel)} takes a reply for ${span(left)}` : "The reply window has closed"}
          </span>
        )}
      </div>
      {answers !== null && (
        <p class="small">
          Answers the contact you chose: “<Said text={chosenWords(file, answers)} />”{" "}
          <button type="button" class="quiet" onClick={anyContact}>
            Answer the newest instead
          </button>
        </p>
      )}
      <textarea
        id="reply"
        ref={box}
        rows={5}
        value={text}
        aria-describedby="reply-count"
        aria-invalid={used > limit.most}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.preventDefault();
            event.currentTarget.blur();
          }
        }}
      />
      <div class="reply-foot">
        <p id="reply-count" class={used > limit.most ? "counter over" : "counter"}>
          {used.toLocaleString("en-GB")} of {limit.most.toLocaleString("en-GB")} {limit.unit}
        </p>
        {mine ? (
          <>
            <button type="button" onClick={() => setChoosing(true)}>
              Approved texts <Key of="a" />
            </button>
            <button class="primary" disabled={doing.busy || text.trim() === ""}>
              {warned === text && promises.length > 0 ? "Send all the same" : "Send"} <Key of="Ctrl+Enter" />
            </button>
          </>
        ) : (
          <p class="small">
            {file.owner === null ? "Claim the case to send." : `${file.owner.name} holds this case.`}
            {text !== "" && " Your draft is kept."}
          </p>
        )}
      </div>
      {promises.length > 0 && warned === text && (
        <div class="band stopped" role="alert">
          <p>
            <strong>This promises what the desk cannot keep:</strong>
          </p>
          <ul>
            {promises.map((one) => (
              <li key={one.words}>
                “{one.words}”: {one.reason}
              </li>
            ))}
          </ul>
        </div>
      )}
      <Refusal error={doing.error} />
      {parts.length > 1 && (
        <div class="parts">
          <p>It can go in {parts.length} parts:</p>
          <ol>
            {parts.map((part) => (
              <li key={part}>{part}</li>
            ))}
          </ol>
          <button type="button" disabled={doing.busy || !mine} onClick={sendParts}>
            Send all {parts.length} parts
          </button>
        </div>
      )}
      {choosing && (
        <ApprovedTexts
          file={file}
          close={() => setChoosing(false)}
          choose={(chosen) => {
            setChoosing(false);
            write(text.trim() === "" ? chosen : `${text.trimEnd()}\n\n${chosen}`);
            requestAnimationFrame(() => box.current?.focus());
          }}
        />
      )}
    </form>
  );
}
