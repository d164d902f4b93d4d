/** Broadcasts: what waits for approval, what is live, what is over; and the switch of all publishing. */

import { useEffect, useState } from "preact/hooks";
import type { Broadcast } from "../api/client";
import { listBroadcasts, readPublishing, turnPublishing } from "../broadcasts";
import { useKeys } from "../keys";
import { now, publishing } from "../live";
import { go, to } from "../route";
import { is } from "../session";
import { channel, kindName, stateName, when } from "../words";
import { Form } from "./ActDialogs";
import { Dialog, Field, Heading, Key, Refusal, useAct } from "./parts";
import { Said } from "./Words";

const ORDER: readonly (readonly [string, readonly Broadcast["state"][]])[] = [
  ["Waits for approval", ["submitted"]],
  ["Going out and live", ["approved", "publishing", "live", "scheduled"]],
  ["Drafts", ["draft"]],
  ["Over", ["corrected", "expired", "cancelled"]],
];
const READ_AGAIN_SECONDS = 10;

export function Broadcasts() {
  const [all, setAll] = useState<readonly Broadcast[] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [turning, setTurning] = useState(false);
  const beat = Math.floor(now.value / 1000 / READ_AGAIN_SECONDS);
  useEffect(() => {
    listBroadcasts().then(
      (found) => {
        setAll(found);
        setError(null);
      },
      (caught: unknown) => setError(caught instanceof Error ? caught : null),
    );
  }, [beat]);
  useKeys([
    { key: "n", does: "Draft a broadcast", run: () => go(to.draft) },
    { key: "K", does: "Stop or start all publishing", run: () => setTurning(true) },
  ]);
  const running = publishing.value?.on !== false;
  return (
    <div class="broadcasts">
      <div class="queue-head">
        <Heading>Broadcasts</Heading>
        <p class="buttons">
          <a class="button primary" href={to.draft}>
            Draft a broadcast <Key of="n" />
          </a>
          <button type="button" class={running ? "danger" : ""} onClick={() => setTurning(true)}>
            {running ? "Stop all publishing" : "Start publishing again"} <Key of="K" />
          </button>
        </p>
      </div>
      <Refusal error={error} />
      {all === null && error === null && <p class="nothing">Reading the broadcasts…</p>}
      {all !== null && all.length === 0 && <p class="nothing">Nothing has been broadcast yet.</p>}
      {ORDER.map(([title, states]) => {
        const shown = (all ?? []).filter((one) => states.includes(one.state));
        if (shown.length === 0) return null;
        return (
          <section key={title}>
            <h2>{title}</h2>
            <ul class="cards">
              {shown.map((one) => (
                <li key={one.broadcast_id} class={`card state-${one.state}`}>
                  <p class="case-line">
                    <strong class={`tag state-${one.state}`}>{stateName(one.state)}</strong>
                    <span>{kindName(one.kind)}</span>
                    <span>{one.reference}</span>
                    {one.urgent && one.state === "submitted" && <strong class="tag alarmed">Urgent</strong>}
                  </p>
                  <p class="card-title">
                    <a href={to.broadcast(one.broadcast_id)}>{one.what}</a>
                    {one.where !== "" && <span>, {one.where}</span>}
                  </p>
                  <p class="small">
                    {one.copies.map((copy) => channel(copy.channel)).join(", ") || "No channel chosen"}
                    {one.expires_at !== null && ` · until ${when(one.expires_at)}`}
                    {one.submitted_by !== null && ` · submitted by ${one.submitted_by}`}
                  </p>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      {turning && <SwitchDialog on={!running} close={() => setTurning(false)} />}
    </div>
  );
}

function SwitchDialog({ on, close }: { on: boolean; close: () => void }) {
  const [reason, setReason] = useState("");
  // What this window has shown: a stop that came since is read first.
  const [seen, setSeen] = useState(publishing.value);
  const doing = useAct();
  const turn = () =>
    void doing.run(() => turnPublishing(on, reason, seen)).then((well) => {
      if (well) close();
      else if (on) void readPublishing().then(setSeen, () => undefined);
    });
  return (
    <Dialog title={on ? "Start publishing again" : "Stop all publishing"} close={close}>
      {on && !is("supervisor") ? (
        <p>Only a supervisor may start publishing again.</p>
      ) : (
        <Form
          send={turn}
          busy={doing.busy}
          label={on ? "Start" : "Stop everything now"}
          error={doing.error}
        >
          {on && seen !== null && seen.reason !== null && (
            <p>
              Stopped{seen.by !== null && ` by ${seen.by}`}
              {seen.at !== null && `, ${when(seen.at)}`}: <Said text={seen.reason} />
            </p>
          )}
          <p>
            {on
              ? "What was approved goes out from now on."
              : "Nothing is published on any channel until a supervisor starts it again. What takes words back still goes out."}
          </p>
          <Field label="Why">
            {(id) => (
              <input
                id={id}
                type="text"
                required
                maxLength={500}
                data-first=""
                value={reason}
                onInput={(event) => setReason(event.currentTarget.value)}
              />
            )}
          </Field>
        </Form>
      )}
    </Dialog>
  );
}
