/** The queue: what is most urgent stands first, with the reason in words. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Case } from "../api/client";
import { claim } from "../cases";
import { useKeys } from "../keys";
import { others } from "../clusters";
import { everyCase, loaded, more, now, places, queue, readOn, refresh } from "../live";
import { go, to } from "../route";
import { me } from "../session";
import { from, span } from "../words";
import { ConfirmMany } from "./ConfirmMany";
import { Due, GradeTag, Heading, Key, Refusal, useAct } from "./parts";
import { Said } from "./Words";
import { VirtualRows } from "./VirtualRows";

type Which = "all" | "open" | "answered" | "mine";

const TABS: readonly (readonly [Which, string, string])[] = [
  ["all", "All", "1"],
  ["open", "Waiting", "2"],
  ["answered", "To confirm", "3"],
  ["mine", "Mine", "4"],
];
const ROW_HEIGHT = 116;
let lastChosen: string | null = null;
let lastWhich: Which = "all";
let lastTogether: string | null = null;

export function Queue() {
  const [which, setWhich] = useState<Which>(lastWhich);
  const [answered, setAnswered] = useState<readonly Case[] | null>(null);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [confirming, setConfirming] = useState(false);
  const [chosen, setChosen] = useState<string | null>(lastChosen);
  const [together, setTogether] = useState<string | null>(lastTogether);
  const [height, setHeight] = useState(ROW_HEIGHT);
  const doing = useAct();

  const name = me.value?.name;
  const about = together === null ? undefined : queue.value.find((one) => one.case_id === together);
  const gathered = about === undefined ? null : others(about, places.value);
  const shown = useMemo(() => {
    if (about !== undefined) {
      const wanted = new Set([about, ...(gathered?.cases ?? [])]);
      return queue.value.filter((one) => wanted.has(one));
    }
    if (which === "answered") {
      // The queue is the newer of the two; what it has not read so far was read page by page for confirming in bulk.
      const known = new Set(queue.value.map((one) => one.case_id));
      const rest = (answered ?? []).filter((one) => !known.has(one.case_id));
      return [...queue.value.filter((one) => one.state === "answered"), ...rest];
    }
    return queue.value.filter((one) => which === "all" || (which === "mine" ? one.owner?.name === name : one.state === which));
  }, [queue.value, which, answered, name, about]);

  const found = shown.findIndex((one) => one.case_id === chosen);
  const index = found < 0 ? 0 : found;
  const current = shown[index];

  useEffect(() => {
    lastWhich = which;
    lastTogether = together;
    setPicked(new Set());
    if (which === "answered") void everyCase("answered").then(setAnswered, () => setAnswered(null));
  }, [which, together]);
  const show = (value: Which) => {
    setTogether(null);
    setWhich(value);
  };
  const gather = (one: Case | undefined) =>
    setTogether(one === undefined || together !== null || others(one, places.value) === null ? null : one.case_id);

  const choose = (one: Case | undefined) => {
    if (one === undefined) return;
    lastChosen = one.case_id;
    setChosen(one.case_id);
    doing.forget();
    requestAnimationFrame(() => document.getElementById(`row-${one.case_id}`)?.focus({ preventScroll: true }));
  };
  const open = (one: Case | undefined) => {
    if (one === undefined) return;
    lastChosen = shown[shown.indexOf(one) + 1]?.case_id ?? one.case_id;
    go(to.case(one.case_id));
  };
  const toggle = (one: Case | undefined) => {
    if (one === undefined || one.state !== "answered") return;
    const next = new Set(picked);
    if (!next.delete(one.case_id)) next.add(one.case_id);
    setPicked(next);
    lastChosen = one.case_id;
    setChosen(one.case_id);
  };
  const marked = shown.filter((one) => picked.has(one.case_id));
  const bulk = which === "answered" && about === undefined;
  useKeys([
    { key: "j", does: "Next case", run: () => choose(shown[found + 1]) },
    { key: "k", does: "Case before", run: () => choose(shown[Math.max(0, index - 1)]) },
    { key: "ArrowDown", does: "", run: () => choose(shown[found + 1]) },
    { key: "ArrowUp", does: "", run: () => choose(shown[Math.max(0, index - 1)]) },
    { key: "Enter", does: "Open the case", run: () => open(current) },
    {
      key: "c",
      does: "Claim the case and open it",
      run: () =>
        void doing.run(async () => {
          if (current === undefined) return;
          await claim(current.case_id);
          open(current);
        }),
    },
    ...TABS.map(([value, label, key]) => ({ key, does: `Show: ${label}`, run: () => show(value) })),
    { key: "m", does: "Show together what may be about the same, or all again", run: () => gather(current) },
    ...(bulk
      ? [
          { key: "x", does: "Mark the case for confirming", run: () => toggle(current) },
          { key: "A", does: "Mark all", run: () => setPicked(new Set(shown.map((one) => one.case_id))) },
          { key: "y", does: "Confirm what is marked", run: () => setConfirming(marked.length > 0) },
        ]
      : []),
    { key: "R", does: "Read the list anew", run: refresh },
  ]);

  return (
    <div class="queue">
      <div class="queue-head">
        <Heading>Queue</Heading>
        <div class="tabs" role="group" aria-label="Which cases">
          {TABS.map(([value, label, key]) => (
            <button key={value} type="button" aria-pressed={about === undefined && which === value} onClick={() => show(value)}>
              {label} <Key of={key} />
            </button>
          ))}
        </div>
        <p class="counted">
          {shown.length.toLocaleString("en-GB")}
          {more.value && !bulk ? "+" : ""} {shown.length === 1 ? "case" : "cases"}
        </p>
      </div>
      {about !== undefined && (
        <div class="bulk">
          <p role="status">
            {gathered === null ? (
              "No other case is about the same any more."
            ) : (
              <>
                These may be about one happening: {shown.length} cases of the last hours name{" "}
                <strong>
                  <Said text={gathered.place} />
                </strong>
                . Each of them is a person who waits for an answer.
              </>
            )}
          </p>
          <button type="button" class="quiet" onClick={() => setTogether(null)}>
            Show all <Key of="m" />
          </button>
        </div>
      )}
      {bulk && (
        <div class="bulk">
          <p>The desk answered these by itself. A person has to confirm each of them.</p>
          <button type="button" class="quiet" onClick={() => setPicked(new Set(shown.map((one) => one.case_id)))}>
            Mark all <Key of="A" />
          </button>
          <button type="button" class="primary" disabled={marked.length === 0} onClick={() => setConfirming(true)}>
            Confirm {marked.length} marked <Key of="y" />
          </button>
        </div>
      )}
      <Refusal error={doing.error} />
      {loaded.value && shown.length === 0 && <p class="nothing">Nothing waits here.</p>}
      {!loaded.value && <p class="nothing">Reading the queue…</p>}
      <Ruler measured={setHeight} />
      <VirtualRows
        items={shown}
        height={height}
        keyOf={(one) => one.case_id}
        label="Cases, most urgent first"
        selected={chosen === null ? -1 : index}
        nearEnd={() => void readOn()}
        row={(one) => (
          <Row
            one={one}
            chosen={one.case_id === current?.case_id}
            open={() => open(one)}
            marked={bulk ? picked.has(one.case_id) : null}
            toggle={() => toggle(one)}
          />
        )}
      />
      {confirming && (
        <ConfirmMany
          cases={marked}
          close={(done) => {
            setConfirming(false);
            setPicked(new Set());
            setAnswered((all) => all?.filter((one) => !done.has(one.case_id)) ?? null);
          }}
        />
      )}
    </div>
  );
}

function Row({
  one,
  chosen,
  open,
  marked,
  toggle,
}: {
  one: Case;
  chosen: boolean;
  open: () => void;
  marked: boolean | null;
  toggle: () => void;
}) {
  const mine = one.owner?.name === me.value?.name;
  const alike = others(one, places.value);
  return (
    <div class={`row edge-${one.grade}${chosen ? " chosen" : ""}`}>
      {marked !== null && (
        <input
          type="checkbox"
          aria-label={`Mark ${one.reference}`}
          checked={marked}
          onChange={toggle}
        />
      )}
      <a
        id={`row-${one.case_id}`}
        class="row-body"
        href={to.case(one.case_id)}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          event.stopPropagation();
          open();
        }}
      >
        <span class="row-first">
          <GradeTag grade={one.grade} />
          <Due by={one.answer_by} />
        </span>
        <span class="row-flags">
          {one.state === "answered" && <span class="tag plain">Answered by the desk</span>}
          {alike !== null && (
            <span class="tag alike">
              {alike.cases.length} more: <Said text={alike.place} />
            </span>
          )}
          {one.owner !== null && (
            <span class={mine ? "tag mine" : "tag held"}>{mine ? "Yours" : `With ${one.owner.name}`}</span>
          )}
        </span>
        <span class="row-reason">{one.reason === "" ? "No rule fired" : one.reason}</span>
        <span class="row-preview">
          {one.preview === "" ? "No words yet" : <Said text={one.preview} />}
        </span>
        <span class="row-meta">
          {from(one)} · {one.reference} · wrote {span(now.value - Date.parse(one.last_contact_at))} ago
        </span>
      </a>
    </div>
  );
}

/** A row with as much in it as one can have, which nobody sees: as high as it is, so high are all. */
function Ruler({ measured }: { measured: (height: number) => void }) {
  const self = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const measure = () => measured(Math.ceil(self.current?.getBoundingClientRect().height ?? 0));
    const watching = new ResizeObserver(measure);
    if (self.current !== null) watching.observe(self.current);
    measure();
    return () => watching.disconnect();
  }, []);
  const longest = Object.values(me.value?.desk.grades ?? {}).reduce(
    (one, { name }) => (name.length > one.length ? name : one),
    "",
  );
  return (
    <div class="ruler" ref={self} aria-hidden="true">
      <div class="row">
        <span class="row-body">
          <span class="row-first">
            <span class="tag">{longest}</span> <span class="due">answer in 12 h</span>
          </span>
          <span class="row-flags">
            <span class="tag">Answered by the desk</span>
            <span class="tag">With {me.value?.name}</span>
          </span>
          <span class="row-reason">
            Why
            <br />
            so
          </span>
          <span class="row-preview">
            What
            <br />
            they say
          </span>
          <span class="row-meta">From where</span>
        </span>
      </div>
    </div>
  );
}
