/** The numbers: what the desk took in, who from, how fast, and what it took off the phone line. */

import { useEffect, useState } from "preact/hooks";
import type { Shapes, Stats } from "../api/client";
import { faultOf, type Figures as Found, lastFourWeeks, PERIODS, type Period, readFigures, today } from "../figures";
import { useKeys } from "../keys";
import { go, to } from "../route";
import { is, me } from "../session";
import { channel, counted, day, gradeName, GRADES, share, spaced, tongue, took } from "../words";
import { Bars, type Counted, Hours, Interval, TimesTable } from "./charts";
import { Field, Heading, Key, Refusal } from "./parts";

const HOME = "GB";
const regions = new Intl.DisplayNames("en-GB", { type: "region", fallback: "code" });
const STANDINGS: Readonly<Record<string, string>> = {
  signposted_by_machine: "Settled by the machine's signpost",
  repeat: "Repeats within 24 hours",
  nothing_for_police: "Nothing for police (thanks, spam, other)",
};
const SAID: Readonly<Record<string, string>> = {
  "101": "Would have rung 101",
  "999": "Would have rung 999",
  none: "Would not have made contact",
  unknown: "Did not know",
};
const MATTERS: Readonly<Record<string, string>> = {
  unknown: "None that the machine read",
  withheld: "Withheld, by the platform's terms",
};

const named = (name: (code: string) => string) => (counts: Record<string, number>) =>
  Object.entries(counts).map(([code, number]): Counted => [name(code), number]);
const regionName = (code: string) => (/^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : spaced(code));

const byChannel = named(channel);
const byGrade = named((grade) => gradeName(grade as (typeof GRADES)[number]));
const byMatter = named((matter) => MATTERS[matter] ?? spaced(matter));
const byCountry = named(regionName);
const byLanguage = named(tongue);
const byStanding = named((one) => STANDINGS[one] ?? spaced(one));
const bySaid = named((one) => SAID[one] ?? spaced(one));
const plain = named(spaced);

export function Figures() {
  const [period, setPeriod] = useState<Period>(() => lastFourWeeks(today()));
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [asked, setAsked] = useState(0);
  const fault = faultOf(period);
  useEffect(() => {
    let wanted = true;
    if (fault === null)
      readFigures(period).then(
        (figures) => {
          if (!wanted) return;
          setFound(figures);
          setError(null);
        },
        (caught: unknown) => wanted && setError(caught instanceof Error ? caught : null),
      );
    return () => {
      wanted = false;
    };
  }, [period.first, period.last, asked]);
  // Figures of another period than the one that is chosen are not shown: somebody would read them as these.
  const current = found?.period === period ? found : null;
  const reading = fault === null && error === null && current === null;
  useKeys([
    { key: "R", does: "Read the figures anew", run: () => setAsked((count) => count + 1) },
    ...(is("operator", "supervisor")
      ? [{ key: "Escape", does: "Back to the queue", run: () => go(to.queue) }]
      : []),
  ]);
  return (
    <div class="figures">
      <div class="queue-head">
        <Heading>Figures</Heading>
        <button type="button" class="quiet" onClick={() => setAsked((count) => count + 1)}>
          Read anew <Key of="R" />
        </button>
      </div>
      {!is("operator", "supervisor") && (
        <p>
          As an auditor you see no cases. <code>desk audit verify</code> holds the audit trail to its seals.
        </p>
      )}
      <Chooser period={period} choose={setPeriod} fault={fault} />
      <Refusal error={error} />
      <p role="status" class="small">
        {reading ? "Counting…" : current !== null ? `${day(current.period.first)} to ${day(current.period.last)}, ${current.days} days` : ""}
      </p>
      {current !== null && error === null && <Sheet found={current} />}
    </div>
  );
}

function Chooser({ period, choose, fault }: { period: Period; choose: (one: Period) => void; fault: string | null }) {
  return (
    <div class="period">
      <div class="tabs" role="group" aria-label="Period">
        {PERIODS.map(([name, of]) => {
          const one = of(today());
          const here = one.first === period.first && one.last === period.last;
          return (
            <button key={name} type="button" aria-pressed={here} onClick={() => choose(one)}>
              {name}
            </button>
          );
        })}
      </div>
      {(
        [
          ["First day", "first"],
          ["Last day", "last"],
        ] as const
      ).map(([label, which]) => (
        <Field key={which} label={label}>
          {(id) => (
            <input
              id={id}
              type="date"
              max={today()}
              value={period[which]}
              onChange={(event) => choose({ ...period, [which]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      {fault !== null && (
        <p class="refusal" role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

function Sheet({ found }: { found: Found }) {
  const { stats, days, months } = found;
  const abroad = Object.fromEntries(
    Object.entries(stats.significant.by_country).filter(([code]) => code !== HOME && code !== "unknown"),
  );
  const sign = (measure: string) => {
    const known = stats.definitions.measures[measure];
    return known === undefined ? "" : `${measure} v${known.version}`;
  };
  const totals = (title: string, measure: string, counts: readonly Counted[]) => (
    <Bars title={title} sign={sign(measure)} counts={counts} />
  );
  return (
    <>
      <Headline stats={stats} days={days} />
      <Story stats={stats} abroad={abroad} />
      {months.length > 0 && <Months months={months} sign={sign("significant")} />}
      <Hours week={stats.week} sign={sign("significant")} />
      <div class="charts">
        {totals("Significant contacts, by channel", "significant_by_channel", byChannel(stats.significant.by_channel))}
        {totals("By grade", "significant_by_grade", byGrade(stats.significant.by_grade))}
        {totals("By matter", "significant_by_category", byMatter(stats.significant.by_category))}
        {totals("By language", "significant_by_language", byLanguage(stats.significant.by_language))}
        {totals("From abroad", "significant_by_origin", byCountry(abroad))}
        {totals("Country learnt from", "significant_by_origin", plain(stats.significant.country_learnt_from))}
        {totals("Not significant", "not_significant", byStanding(stats.not_significant))}
        {totals("Signposts by the machine", "machine_signposts", plain(stats.signposts.by_machine))}
        {totals("How cases ended", "dispositions", plain(stats.cases.by_disposition))}
        {totals("Contacts, by channel", "contacts", byChannel(stats.contacts.by_channel))}
        {totals("Contacts, by language", "contact_languages", byLanguage(stats.contacts.by_language))}
        {totals("Contacts, by country", "contact_origins", byCountry(stats.contacts.by_country))}
      </div>
      <Speed stats={stats} sign={sign} />
      <Survey stats={stats} sign={sign("surveys")} />
      <Meanings definitions={stats.definitions} />
    </>
  );
}

function Headline({ stats, days }: { stats: Stats; days: number }) {
  const { offset, told } = stats.survey;
  const eyes = stats.times["to_eyes"]?.by_grade["emergency"]?.p50 ?? null;
  const figures: readonly (readonly [string, string])[] = [
    [counted(stats.significant.all), `significant contacts, ${(stats.significant.all / days).toFixed(1)} a day`],
    [counted(stats.contacts.all), "messages, comments and reports taken in"],
    told && offset !== null
      ? [counted(offset.off_101.number), "of them would have been calls to 101"]
      : ["–", "calls to 101: too few have answered the survey"],
    [took(eyes), "until half of the emergencies were in a person's hands"],
  ];
  return (
    <ul class="headline">
      {figures.map(([number, means]) => (
        <li key={means}>
          <strong>{number}</strong> <span>{means}</span>
        </li>
      ))}
    </ul>
  );
}

function Story({ stats, abroad }: { stats: Stats; abroad: Record<string, number> }) {
  const { cases, significant, signposts } = stats;
  const away = Object.values(abroad).reduce((sum, number) => sum + number, 0);
  const machine = Object.values(signposts.by_machine).reduce((sum, number) => sum + number, 0);
  const oldest = cases.oldest_open_hours;
  return (
    <ul>
      <li>
        {counted(significant.final)} are final, as people closed them; {counted(significant.provisional)} are provisional,
        as triage read them.
      </li>
      <li>
        {counted(machine)} people were pointed to another body by the machine, {counted(signposts.by_person)} by a person.
      </li>
      <li>
        {counted(away)} significant contacts came from outside the United Kingdom, from {Object.keys(abroad).length}{" "}
        countries.
      </li>
      <li>
        Of {counted(cases.all)} cases {counted(cases.open)} are open
        {oldest !== null && `, the oldest since ${oldest < 48 ? `${oldest} hours` : `${Math.round(oldest / 24)} days`}`};{" "}
        {counted(cases.claims_lost)} claims ran out without an act.
      </li>
    </ul>
  );
}

function Months({ months, sign }: { months: Found["months"]; sign: string }) {
  const most = Math.max(1, ...months.map((month) => month.stats.significant.all));
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="By month">
      <table>
        <caption>
          By month <span class="sign">{sign}</span>
        </caption>
        <thead>
          <tr>
            {["Month", "Significant", "a day", "Contacts", "Cases", "Settled by machine", "Repeats", "Reply, half", "Reply, nine tenths", "Survey answers"].map(
              (name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ),
            )}
            <td class="bar-cell" />
          </tr>
        </thead>
        <tbody>
          {months.map(({ name, whole, days, stats }) => (
            <tr key={name}>
              <th scope="row">
                {name}
                {!whole && "*"}
              </th>
              <td>{counted(stats.significant.all)}</td>
              <td>{(stats.significant.all / days).toFixed(1)}</td>
              <td>{counted(stats.contacts.all)}</td>
              <td>{counted(stats.cases.all)}</td>
              <td>{counted(stats.not_significant["signposted_by_machine"] ?? 0)}</td>
              <td>{counted(stats.not_significant["repeat"] ?? 0)}</td>
              <td>{took(stats.times["to_reply"]?.all.p50 ?? null)}</td>
              <td>{took(stats.times["to_reply"]?.all.p90 ?? null)}</td>
              <td>{counted(Object.values(stats.survey.answers).reduce((sum, one) => sum + one, 0))}</td>
              <td class="bar-cell">
                <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect width={(stats.significant.all / most) * 100} height="10" />
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {months.some((month) => !month.whole) && <p class="small">* a part of the month only</p>}
    </div>
  );
}

function Speed({ stats, sign }: { stats: Stats; sign: (measure: string) => string }) {
  const measures = Object.keys(stats.times);
  const title = (measure: string) => stats.definitions.measures[measure]?.title ?? spaced(measure);
  const channels = [...new Set(measures.flatMap((one) => Object.keys(stats.times[one]?.by_channel ?? {})))].sort();
  const rows = [
    ["All", (measure: string) => stats.times[measure]?.all],
    ...GRADES.map((grade) => [gradeName(grade), (one: string) => stats.times[one]?.by_grade[grade]] as const),
    ...channels.map((name) => [channel(name), (one: string) => stats.times[one]?.by_channel[name]] as const),
  ] as const;
  return (
    <>
      <TimesTable
        title="How long it took"
        measures={measures.map((one) => [title(one), sign(one)])}
        rows={rows.map(([name, of]) => [name, measures.map(of)])}
      />
      {Object.keys(stats.alerts).length > 0 && (
        <div class="table-box" tabIndex={0} role="region" aria-label="Alerts by rank">
          <table>
            <caption>
              Alerts <span class="sign">{sign("alerts")}</span>
            </caption>
            <thead>
              <tr>
                {["Rank", "Opened", "Still open", "Seen: half within", "nine tenths within", "99 in 100 within"].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {Object.entries(stats.alerts).map(([rank, one]) => (
                <tr key={rank}>
                  <th scope="row">{rank}</th>
                  <td>{counted(one.all)}</td>
                  <td>{counted(one.open)}</td>
                  <td>{took(one.to_seen.p50)}</td>
                  <td>{took(one.to_seen.p90)}</td>
                  <td>{took(one.to_seen.p99)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Survey({ stats, sign }: { stats: Stats; sign: string }) {
  const { asked, answers, offset, told } = stats.survey;
  const many = Object.values(answers).reduce((sum, one) => sum + one, 0);
  return (
    <section>
      <h2>Off the phone line, and new demand</h2>
      <p>
        {counted(asked)} people were asked after their case what they would have done without this desk; {counted(many)}{" "}
        answered. {!told && "That is too few to say what would have been a call."}
      </p>
      {told && offset !== null ? (
        <Interval
          sign={sign}
          most={offset.contacts}
          rows={(
            [
              ["Calls to 101 not made", offset.off_101],
              ["Calls to 999 not made", offset.off_999],
              ["New demand: would not have come", offset.new_demand],
              ["Did not know", offset.unknown],
            ] as const
          ).map(([name, one]) => [name, share(one.share), one])}
        />
      ) : (
        <Bars title="Survey answers" sign={sign} counts={bySaid(answers)} />
      )}
    </section>
  );
}

function Meanings({ definitions }: { definitions: Shapes["DefinitionsShape"] }) {
  return (
    <details class="meanings">
      <summary>What each figure means (definitions, version {definitions.version})</summary>
      <dl>
        {Object.entries(definitions.measures).map(([measure, one]) => (
          <div key={measure}>
            <dt>
              {one.title} <span class="sign">{`${measure} v${one.version}`}</span>
            </dt>
            <dd>{one.means}</dd>
          </div>
        ))}
      </dl>
      <h3>What the numbers off the phone line assume</h3>
      <ul>
        {definitions.offset_assumptions.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p class="small">Totals are a minute or two behind the desk of {me.value?.force["name"]}.</p>
    </details>
  );
}
