/** Figures as tables that show their shape: every bar stands beside its number, and no meaning is in a colour alone. */

import type { Shapes, Times } from "../api/client";
import { counted, took } from "../words";

export type Counted = readonly [name: string, number: number];

const LEVELS = 5;
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));

/** Counts by name, the largest first as they come. */
export function Bars({ title, sign, counts }: { title: string; sign: string; counts: readonly Counted[] }) {
  const most = Math.max(1, ...counts.map(([, number]) => number));
  return (
    <table class="bars">
      <caption>
        {title} <span class="sign">{sign}</span>
      </caption>
      <tbody>
        {counts.length === 0 && (
          <tr>
            <td class="none">None</td>
          </tr>
        )}
        {counts.map(([name, number]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{counted(number)}</td>
            <td class="bar-cell">
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect width={(number / most) * 100} height="10" />
              </svg>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Significant contacts by day of the week and hour of the day, deeper where there are more. */
export function Hours({ week, sign }: { week: readonly (readonly number[])[]; sign: string }) {
  const most = Math.max(1, ...week.flat());
  const level = (number: number) => (number === 0 ? 0 : Math.max(1, Math.ceil((number / most) * LEVELS)));
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="By hour of the week">
      <table class="hours">
        <caption>
          Significant contacts, by hour of the week <span class="sign">{sign}</span>
        </caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {HOURS.map((hour) => (
              <th key={hour} scope="col">
                {hour}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {week.map((hours, weekday) => (
            <tr key={weekday}>
              <th scope="row">{DAYS[weekday]}</th>
              {hours.map((number, hour) => (
                <td key={hour} class={`heat-${level(number)}`}>
                  {number}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Half, nine tenths and 99 in 100 of the cases, for each measure. */
export function TimesTable({
  title,
  measures,
  rows,
}: {
  title: string;
  measures: readonly (readonly [name: string, sign: string])[];
  rows: readonly (readonly [name: string, times: readonly (Times | undefined)[]])[];
}) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={title}>
      <table class="times">
        <caption>{title}</caption>
        <thead>
          <tr>
            <td rowSpan={2} />
            {measures.map(([name, sign]) => (
              <th key={name} scope="colgroup" colSpan={3}>
                {name} <span class="sign">{sign}</span>
              </th>
            ))}
          </tr>
          <tr>
            {measures.map(([name]) =>
              ["half", "9 in 10", "99 in 100"].map((part) => (
                <th key={`${name}${part}`} scope="col">
                  {part}
                </th>
              )),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, times]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {times.map((one, number) =>
                (["p50", "p90", "p99"] as const).map((part) => <td key={`${number}${part}`}>{took(one?.[part] ?? null)}</td>),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Estimates with the interval that they lie in, 19 times of 20. */
export function Interval({
  rows,
  most,
  sign,
}: {
  rows: readonly (readonly [name: string, share: string, estimate: Shapes["EstimateShape"]])[];
  most: number;
  sign: string;
}) {
  const at = (number: number) => (most === 0 ? 0 : (number / most) * 100);
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="What the survey says">
      <table class="bars intervals">
        <caption>
          What the survey says of all significant contacts <span class="sign">{sign}</span>
        </caption>
        <thead>
          <tr>
            <th scope="col">Without the desk</th>
            <th scope="col">Share</th>
            <th scope="col">Number</th>
            <th scope="col">95 in 100: from</th>
            <th scope="col">to</th>
            <td class="bar-cell" />
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, share, one]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{share}</td>
              <td>{counted(one.number)}</td>
              <td>{counted(one.lowest)}</td>
              <td>{counted(one.highest)}</td>
              <td class="bar-cell">
                <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="reach" x={at(one.lowest)} y="3" width={at(one.highest - one.lowest)} height="4" />
                  <rect x={Math.max(0, at(one.number) - 0.75)} width="1.5" height="10" />
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
