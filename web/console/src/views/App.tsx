/** The frame: who sits here, where one can go, what must not be overlooked, and the view itself. */

import { useState } from "preact/hooks";
import { useKeys } from "../keys";
import { announced, lostSince, publishing } from "../live";
import { follow, go, place, to } from "../route";
import { failure, is, me, signIn, signOut, standing } from "../session";
import { clock } from "../words";
import { Alerts } from "./Alerts";
import { BroadcastForm } from "./BroadcastForm";
import { BroadcastPage } from "./BroadcastPage";
import { Broadcasts } from "./Broadcasts";
import { CaseView } from "./CaseView";
import { Figures } from "./Figures";
import { Help } from "./Help";
import { Key } from "./parts";
import { Queue } from "./Queue";
import { WholeDesk } from "./WholeDesk";

export function App() {
  if (standing.value === "starting") return <p class="waiting">One moment…</p>;
  if (standing.value === "no-role") return <NoRole />;
  if (standing.value !== "signed-in" && me.value === null) return <Door />;
  return <Desk />;
}

function Door() {
  return (
    <main class="door">
      <h1>Contact Desk</h1>
      {standing.value === "failed" ? (
        <p role="alert">{failure.value}</p>
      ) : (
        <p>For people who work at this desk. What you open here is written down under your name.</p>
      )}
      <button type="button" class="primary" onClick={() => void signIn()}>
        Sign in
      </button>
    </main>
  );
}

function Desk() {
  const [help, setHelp] = useState(false);
  const cases = is("operator", "supervisor");
  const writes = is("operator", "supervisor", "publisher");
  const counts = is("operator", "supervisor", "auditor");
  useKeys([
    { key: "?", does: "Show every key", run: () => setHelp(true) },
    ...(cases ? [{ key: "q", does: "Go to the queue", run: () => go(to.queue) }] : []),
    ...(writes ? [{ key: "b", does: "Go to the broadcasts", run: () => go(to.broadcasts) }] : []),
    ...(cases ? [{ key: "s", does: "Go to the whole desk", run: () => go(to.desk) }] : []),
    ...(counts ? [{ key: "f", does: "Go to the figures", run: () => go(to.figures) }] : []),
  ]);
  const here = place.value;
  return (
    <div class="desk" onClick={follow}>
      <a class="skip" href="#view">
        Skip to the view
      </a>
      <header class="bar">
        <p class="force">
          <strong>{me.value?.force["name"]}</strong> <span>Contact Desk</span>
        </p>
        <nav aria-label="Views">
          {cases && <Tab to={to.queue} here={here.at === "queue" || here.at === "case"} name="Queue" of="q" />}
          {writes && (
            <Tab
              to={to.broadcasts}
              here={["broadcasts", "broadcast", "draft"].includes(here.at)}
              name="Broadcasts"
              of="b"
            />
          )}
          {cases && <Tab to={to.desk} here={here.at === "desk"} name="Whole desk" of="s" />}
          {counts && <Tab to={to.figures} here={here.at === "figures" || !writes} name="Figures" of="f" />}
        </nav>
        <p class="who">
          <span>{me.value?.name}</span>
          <button type="button" class="on-bar" onClick={() => setHelp(true)}>
            Keys <Key of="?" />
          </button>
          <button type="button" class="on-bar" onClick={() => void signOut()}>
            Sign out
          </button>
        </p>
      </header>
      <Line />
      <Alerts />
      <p class="heard" aria-live="polite">
        {announced.value}
      </p>
      <main id="view" tabIndex={-1}>
        <View />
      </main>
      {help && <Help close={() => setHelp(false)} />}
    </div>
  );
}

function Tab({ to: path, here, name, of }: { to: string; here: boolean; name: string; of: string }) {
  return (
    <a href={path} {...(here ? { "aria-current": "page" as const } : {})}>
      {name} <Key of={of} />
    </a>
  );
}

function Line() {
  return (
    <>
      {standing.value === "expired" && (
        <div class="band lost" role="alert">
          <p>
            <strong>Your sign-in has ended.</strong> What you typed is kept.
          </p>
          <button type="button" onClick={() => void signIn()}>
            Sign in again
          </button>
        </div>
      )}
      {lostSince.value !== null && (
        <div class="band lost" role="alert">
          <p>
            <strong>No connection since {clock(lostSince.value)}.</strong> What you see may be out of date. Trying
            again by itself; nothing you typed is lost. Alerts still go to phones.
          </p>
        </div>
      )}
      {publishing.value?.on === false && (
        <div class="band stopped" role="status">
          <p>
            <strong>All publishing is stopped</strong>
            {publishing.value.by !== null && ` by ${publishing.value.by}`}
            {publishing.value.at !== null && ` at ${clock(publishing.value.at)}`}: {publishing.value.reason}
          </p>
        </div>
      )}
    </>
  );
}

function View() {
  const here = place.value;
  const cases = is("operator", "supervisor");
  const writes = cases || is("publisher");
  if (!writes) return <Figures />;
  if (!cases && ["queue", "case", "desk", "figures"].includes(here.at)) return <Broadcasts />;
  switch (here.at) {
    case "queue":
      return <Queue />;
    case "case":
      return <CaseView key={here.id} id={here.id} />;
    case "broadcasts":
      return <Broadcasts />;
    case "broadcast":
      return <BroadcastPage key={here.id} id={here.id} />;
    case "draft":
      return <BroadcastForm key={`${here.id}${here.corrects}`} id={here.id} corrects={here.corrects} />;
    case "desk":
      return <WholeDesk />;
    case "figures":
      return <Figures />;
    case "nowhere":
      return <h1>There is no such page</h1>;
  }
}

function NoRole() {
  return (
    <main class="door">
      <h1>You have no role at this desk</h1>
      <p>Your sign-in worked, and it names no role that this desk knows. Ask whoever looks after accounts.</p>
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </main>
  );
}
