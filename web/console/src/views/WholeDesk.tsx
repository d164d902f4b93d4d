/** The whole desk: how much waits, how old it is, and who holds what. */

import { useEffect, useState } from "preact/hooks";
import type { Case } from "../api/client";
import { takeOver } from "../cases";
import { useKeys } from "../keys";
import { everyCase, head, now } from "../live";
import { go, to } from "../route";
import { is, me } from "../session";
import { clock, gradeName, GRADES, span } from "../words";
import { Due, GradeTag, Heading, Key, Refusal, useAct } from "./parts";
import { Said } from "./Words";

const READ_AGAIN_MILLISECONDS = 10_000;

export function WholeDesk() {
  const [cases, setCases] = useState<readonly Case[] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [readAt, setReadAt] = useState(0);
  const read = () => {
    setReadAt(Date.now());
    everyCase().then(
      (all) => {
        setCases(all);
        setError(null);
      },
      (caught: unknown) => setError(caught instanceof Error ? caught : null),
    );
  };
  // Only when the head of the queue has changed, and then at most every ten seconds: a quiet desk is left alone.
  useEffect(() => {
    const wait = Math.max(0, readAt + READ_AGAIN_MILLISECONDS - Date.now());
    const timer = setTimeout(read, readAt === 0 ? 0 : wait);
    return () => clearTimeout(timer);
  }, [head.value]);
  useKeys([
    { key: "R", does: "Read the desk anew", run: read },
    { key: "Escape", does: "Back to the queue", run: () => go(to.queue) },
  ]);
  const all = cases ?? [];
  const holders = Map.groupBy(
    all.filter((one) => one.owner !== null),
    (one) => one.owner?.name ?? "",
  );
  return (
    <div class="whole">
      <div class="queue-head">
        <Heading>Whole desk</Heading>
        <button type="button" class="quiet" onClick={read}>
          Read anew <Key of="R" />
        </button>
      </div>
      <Refusal error={error} />
      <div class="table-box" tabIndex={0} role="region" aria-label="Backlog by grade">
        <table>
          <caption>Backlog by grade</caption>
          <thead>
            <tr>
              <th scope="col">Grade</th>
              <th scope="col">Waiting</th>
              <th scope="col">Overdue</th>
              <th scope="col">Nobody holds</th>
              <th scope="col">To confirm</th>
              <th scope="col">Oldest opened</th>
              <th scope="col">Longest since they wrote</th>
            </tr>
          </thead>
          <tbody>
            {GRADES.map((grade) => {
              const ours = all.filter((one) => one.grade === grade);
              const open = ours.filter((one) => one.state === "open");
              const over = open.filter((one) => Date.parse(one.answer_by) < now.value).length;
              return (
                <tr key={grade}>
                  <th scope="row">
                    <GradeTag grade={grade} />
                  </th>
                  <td>{open.length}</td>
                  <td class={over > 0 ? "over" : ""}>{over}</td>
                  <td>{open.filter((one) => one.owner === null).length}</td>
                  <td>{ours.length - open.length}</td>
                  <td>{oldest(open.map((one) => one.opened_at))}</td>
                  <td>{oldest(open.map((one) => one.last_contact_at))}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <h2>Who holds what</h2>
      {cases !== null && holders.size === 0 && <p class="nothing">Nobody holds a case.</p>}
      {[...holders].map(([name, held]) => (
        <section key={name} class="holder-group">
          <h3>
            {name} <span class="small">{held.length === 1 ? "1 case" : `${held.length} cases`}</span>
          </h3>
          <ul class="cards">
            {held.map((one) => (
              <HeldCase key={one.case_id} one={one} taken={read} />
            ))}
          </ul>
        </section>
      ))}
      <p class="small">
        Grades as {me.value?.force["name"]} names them:{" "}
        {GRADES.map((grade) => `${gradeName(grade)}, ${me.value?.desk.grades[grade]?.target_minutes} min`).join("; ")}.
      </p>
    </div>
  );
}

function HeldCase({ one, taken }: { one: Case; taken: () => void }) {
  const doing = useAct();
  const others = one.owner?.name !== me.value?.name;
  return (
    <li class={`card edge-${one.grade}`}>
      <p class="case-line">
        <GradeTag grade={one.grade} />
        <Due by={one.answer_by} />
        <span>until {clock(one.owner?.until ?? one.opened_at)}</span>
      </p>
      <p class="card-title">
        <a href={to.case(one.case_id)}>{one.reference}</a>, {one.reason}
      </p>
      <p class="small">
        <Said text={one.preview} />
      </p>
      {is("supervisor") && others && (
        <button type="button" disabled={doing.busy} onClick={() => void doing.run(() => takeOver(one.case_id)).then(taken)}>
          Take over
        </button>
      )}
      <Refusal error={doing.error} />
    </li>
  );
}

function oldest(moments: readonly string[]): string {
  const first = [...moments].sort()[0];
  return first === undefined ? "–" : span(now.value - Date.parse(first));
}
