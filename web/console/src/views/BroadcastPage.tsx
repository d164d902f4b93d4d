/** One broadcast: every word that may go out, side by side per channel, and the two people behind it. */

import { useEffect, useState } from "preact/hooks";
import type { Broadcast, Copy } from "../api/client";
import { approve, cancel, readBroadcast, submit } from "../broadcasts";
import { resolve } from "../cases";
import { useKeys } from "../keys";
import { now } from "../live";
import { go, to } from "../route";
import { is, me } from "../session";
import { count, type Counting } from "../text/count";
import { channel, clock, copyTold, kindName, span, spaced, stateName, when } from "../words";
import { Form } from "./ActDialogs";
import { Dialog, Field, Heading, Key, Missing, Refusal, useAct } from "./parts";

const LIMITS: Readonly<Record<string, readonly [number, Counting]>> = {
  facebook_page: [10_000, "characters"],
  instagram: [2200, "characters"],
  x: [280, "x"],
  whatsapp: [800, "characters"],
  sms_list: [1600, "bytes"],
  email_list: [10_000, "characters"],
};
const APPROVED_WITHIN_MILLISECONDS = 15 * 60_000;
const CHANGEABLE = new Set<Broadcast["state"]>(["draft", "submitted", "scheduled"]);
const ON_AIR = new Set<Broadcast["state"]>(["publishing", "live"]);
const OVER = new Set<Broadcast["state"]>(["corrected", "expired", "cancelled"]);

export function BroadcastPage({ id }: { id: string }) {
  const [one, setOne] = useState<Broadcast | null>(null);
  const [missing, setMissing] = useState<Error | null>(null);
  const [open, setOpen] = useState<"approve" | "cancel" | null>(null);
  const doing = useAct();

  const read = () => readBroadcast(id).then(setOne, (error: unknown) => setMissing(error instanceof Error ? error : null));
  const beat = one !== null && !OVER.has(one.state) ? Math.floor(now.value / 4000) : 0;
  useEffect(() => void read(), [id, beat]);

  const mine = one?.submitted_by !== null && one?.submitted_by === me.value?.name;
  const mayApprove = is("supervisor", "publisher") && one?.state === "submitted" && !mine;
  const mayEnd = is("supervisor", "publisher") && one !== null && !OVER.has(one.state);
  const mayCorrect = is("supervisor", "publisher") && one !== null && ON_AIR.has(one.state);
  const mayEdit = one !== null && CHANGEABLE.has(one.state);
  const maySubmit = one?.state === "draft" || (one?.state === "submitted" && mine);
  const hand = (urgent: boolean) => () =>
    one !== null && void doing.run(() => submit(one, urgent)).then(read);
  useKeys([
    { key: "Escape", does: "Back to the broadcasts", run: () => go(to.broadcasts) },
    ...(mayEdit ? [{ key: "e", does: "Edit", run: () => go(to.edit(id)) }] : []),
    ...(maySubmit ? [{ key: "u", does: "Submit for approval", run: hand(false) }] : []),
    ...(mayApprove ? [{ key: "y", does: "Approve", run: () => setOpen("approve") }] : []),
    ...(mayCorrect ? [{ key: "e", does: "Correct", run: () => go(to.correct(id)) }] : []),
    ...(mayEnd ? [{ key: "X", does: "Cancel the broadcast", run: () => setOpen("cancel") }] : []),
  ]);
  if (one === null)
    return missing === null ? <p class="nothing">Reading…</p> : <Missing title="This broadcast cannot be shown" error={missing} />;
  const lapses = one.submitted_at === null ? null : Date.parse(one.submitted_at) + APPROVED_WITHIN_MILLISECONDS;
  return (
    <div class="broadcast">
      <div class={`case-head state-${one.state}`}>
        <p class="case-line">
          <a href={to.broadcasts}>
            Broadcasts <Key of="Esc" />
          </a>
          <strong class={`tag state-${one.state}`}>{stateName(one.state)}</strong>
          <span>{kindName(one.kind)}</span>
          {one.state === "submitted" && lapses !== null && (
            <span class="due soon">approve within {span(lapses - now.value)}</span>
          )}
        </p>
        <Heading>{one.what}</Heading>
        <p class="case-line small">
          <span class="reference">{one.reference}</span>
          {one.where !== "" && <span>{one.where}</span>}
          {one.starts_at !== null && <span>from {when(one.starts_at)}</span>}
          {one.expires_at !== null && (
            <span>
              {Date.parse(one.expires_at) < now.value ? "expired" : "until"} {when(one.expires_at)}
            </span>
          )}
        </p>
        <div class="holding">
          {maySubmit && (
            <>
              <button type="button" class={one.state === "draft" ? "primary" : ""} disabled={doing.busy} onClick={hand(false)}>
                {one.state === "draft" ? "Submit for approval" : "Submit again"} <Key of="u" />
              </button>
              <button type="button" disabled={doing.busy} onClick={hand(true)}>
                Submit as urgent
              </button>
            </>
          )}
          {mayApprove && (
            <button type="button" class="primary" onClick={() => setOpen("approve")}>
              Approve <Key of="y" />
            </button>
          )}
          {one.state === "submitted" && mine && <p class="holder">You submitted it: somebody else approves it.</p>}
          {mayEdit && (
            <a class="button" href={to.edit(id)}>
              Edit <Key of="e" />
            </a>
          )}
          {mayCorrect && (
            <a class="button" href={to.correct(id)}>
              Correct <Key of="e" />
            </a>
          )}
          {mayEnd && (
            <button type="button" class="danger" onClick={() => setOpen("cancel")}>
              Cancel <Key of="X" />
            </button>
          )}
        </div>
        <Refusal error={doing.error} />
      </div>
      {one.flags.length > 0 && (
        <section class="band stopped" aria-label="Look twice">
          <h2>Look twice</h2>
          <ul>
            {one.flags.map((flag) => (
              <li key={`${flag.field}${flag.words}`}>
                <strong>{flag.field}</strong>: “{flag.words}”. {flag.reason}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h2>What goes out, channel by channel</h2>
        {one.copies.length === 0 && <p class="nothing">No channel is chosen.</p>}
        <div class="copies">
          {one.copies.map((copy) => (
            <CopyCard key={copy.channel} copy={copy} changed={() => void read()} />
          ))}
        </div>
      </section>
      <section class="two-columns">
        <div>
          <h2>The words behind them</h2>
          <dl class="facts">
            <Fact name="What" value={one.what} />
            <Fact name="Where" value={one.where} />
            <Fact name="What to do" value={one.do} />
            <Fact name="Severity" value={spaced(one.severity)} />
            <Fact name="Places" value={one.area.names.join(", ")} />
            <Fact name="Force reference" value={one.force_reference ?? ""} />
            <Fact name="Public page" value={one.link} />
          </dl>
        </div>
        <div>
          <h2>Who stands behind it</h2>
          <dl class="facts">
            <Fact name="Drafted by" value={one.drafted_by} />
            <Fact name="Submitted by" value={signed(one.submitted_by, one.submitted_at)} />
            <Fact name="Approved by" value={signed(one.approved_by, one.approved_at)} />
            <Fact name="Published" value={one.published_at === null ? "" : when(one.published_at)} />
            <Fact name="Ended by" value={signed(one.ended_by, one.ended_at)} />
            <Fact name="Because" value={one.end_reason ?? ""} />
          </dl>
          {one.corrects !== null && (
            <p>
              Corrects <a href={to.broadcast(one.corrects)}>the one before</a>
            </p>
          )}
          {one.corrected_by !== null && (
            <p>
              Corrected by <a href={to.broadcast(one.corrected_by)}>a newer one</a>
            </p>
          )}
        </div>
      </section>
      {open === "approve" && <ApproveDialog one={one} close={() => setOpen(null)} done={setOne} />}
      {open === "cancel" && <CancelDialog one={one} close={() => setOpen(null)} done={setOne} />}
    </div>
  );
}

function signed(who: string | null, at: string | null): string {
  return who === null ? "" : at === null ? who : `${who}, ${when(at)}`;
}

function Fact({ name, value }: { name: string; value: string }) {
  if (value === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function CopyCard({ copy, changed }: { copy: Copy; changed: () => void }) {
  const doing = useAct();
  const [most, counting] = LIMITS[copy.channel] ?? [10_000, "characters"];
  const used = count(copy.text, counting);
  const say = (outcome: "arrived" | "send-again") =>
    void doing.run(() => resolve(copy.outbox_id ?? "", outcome)).then(changed);
  return (
    <article class={`copy copy-${copy.state}`} aria-label={channel(copy.channel)}>
      <header>
        <h3>{channel(copy.channel)}</h3>
        <strong class={`tag copy-${copy.state}`}>{spaced(copyTold(copy.state))}</strong>
      </header>
      <p class="copy-text">{copy.text}</p>
      {copy.alt !== null && <p class="small">Picture: {copy.alt}</p>}
      <p class={used > most ? "counter over" : "counter"}>
        {used} of {most.toLocaleString("en-GB")}
      </p>
      {copy.trouble !== null && <p class="trouble-told">{copy.trouble}</p>}
      {copy.state === "needs_human" && copy.outbox_id !== null && (
        <p class="buttons">
          <button type="button" disabled={doing.busy} onClick={() => say("arrived")}>
            It is up
          </button>
          <button type="button" disabled={doing.busy} onClick={() => say("send-again")}>
            Publish it again
          </button>
        </p>
      )}
      <Refusal error={doing.error} />
      <details>
        <summary>When it ends</summary>
        <p class="small">On expiry ({copy.expired.act.replaceAll("_", " ")}):</p>
        <p class="copy-text">{copy.expired.text}</p>
        <p class="small">On cancelling ({copy.cancelled.act.replaceAll("_", " ")}):</p>
        <p class="copy-text">{copy.cancelled.text}</p>
      </details>
    </article>
  );
}

interface Ending {
  one: Broadcast;
  close: () => void;
  done: (after: Broadcast) => void;
}

function ApproveDialog({ one, close, done }: Ending) {
  const [read, setRead] = useState(false);
  // What this window shows and what is approved are the same words, whoever edits them meanwhile.
  const [shown] = useState(one);
  const changed = one.hash !== shown.hash;
  const doing = useAct();
  const send = () =>
    void doing
      .run(async () => done(await approve({ ...one, hash: shown.hash })))
      .then((well) => well && close());
  return (
    <Dialog title="Approve and publish" close={close} wide>
      <Form send={send} busy={doing.busy || !read || changed} label="Approve" error={doing.error}>
        {changed && (
          <p class="band stopped" role="alert">
            <strong>It has been edited since you opened this window.</strong> Close it, and read the new words.
          </p>
        )}
        <p>
          {shown.starts_at === null ? "It goes out at once" : `It goes out at ${when(shown.starts_at)}`} on{" "}
          {shown.copies.map((copy) => channel(copy.channel)).join(", ")}. Submitted by {shown.submitted_by}
          {shown.submitted_at !== null && ` at ${clock(shown.submitted_at)}`}.
        </p>
        <div class="copies">
          {shown.copies.map((copy) => (
            <article key={copy.channel} class="copy">
              <h3>{channel(copy.channel)}</h3>
              <p class="copy-text">{copy.text}</p>
            </article>
          ))}
        </div>
        <label class="choice">
          <input
            type="checkbox"
            data-first=""
            checked={read}
            onChange={(event) => setRead(event.currentTarget.checked)}
          />
          <span>I have read every word of it. It names nobody it should not, and prejudices no trial.</span>
        </label>
      </Form>
    </Dialog>
  );
}

function CancelDialog({ one, close, done }: Ending) {
  const [reason, setReason] = useState("");
  const doing = useAct();
  return (
    <Dialog title="Cancel the broadcast" close={close}>
      <Form
        send={() => void doing.run(async () => done(await cancel(one, reason))).then((well) => well && close())}
        busy={doing.busy}
        label="Cancel it on every channel"
        error={doing.error}
      >
        <p>It is final. Whoever was answered with it is told.</p>
        <Field label="Why, for the record">
          {(id) => (
            <input
              id={id}
              type="text"
              maxLength={500}
              data-first=""
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
      </Form>
    </Dialog>
  );
}
