/** Alerts: on every view, above everything, until a person has acknowledged them. */

import { useComputed } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { act, type Alert, api, keyed } from "../api/client";
import { useKeys } from "../keys";
import { alerts, lookNow, now } from "../live";
import { ring, viewTitle } from "../look";
import { to } from "../route";
import { alertTold, span } from "../words";
import { Dialog, gravely, Key, Refusal, useAct } from "./parts";

const RING_EVERY_SECONDS = 5;
const SHOWN = 3;

export function Alerts() {
  const [all, setAll] = useState(false);
  const self = useRef<HTMLElement>(null);
  const grave = useComputed(() => alerts.value.filter((one) => one.rank === "A1"));
  const other = useComputed(() => alerts.value.filter((one) => one.rank !== "A1"));
  useKeys([
    {
      key: "!",
      does: "Go to the alerts; Enter acknowledges",
      run: () => self.current?.querySelector<HTMLElement>("button")?.focus(),
    },
  ]);
  const burning = grave.value.length > 0;
  useEffect(() => {
    if (!burning) return undefined;
    ring();
    const again = setInterval(ring, RING_EVERY_SECONDS * 1000);
    return () => clearInterval(again);
  }, [burning, grave.value[0]?.alert_id]);
  useEffect(() => {
    document.title = [burning ? "❗ A1 alert" : "", viewTitle.value, "Contact Desk"].filter(Boolean).join(" – ");
    return () => {
      document.title = "Contact Desk";
    };
  }, [burning, viewTitle.value]);
  if (alerts.value.length === 0) return null;
  const first = other.value[0];
  return (
    <section class="alerts" aria-label="Alerts" ref={self}>
      {burning && (
        <p class="heard" role="alert">
          {gravely(grave.value)}
        </p>
      )}
      {burning && (
        <div class="alarm">
          {grave.value.slice(0, SHOWN).map((alert) => (
            <AlertLine key={alert.alert_id} alert={alert} />
          ))}
          {grave.value.length > SHOWN && (
            <p class="alert-more">
              <button type="button" class="on-colour" onClick={() => setAll(true)}>
                {grave.value.length - SHOWN} more A1 alerts
              </button>
            </p>
          )}
        </div>
      )}
      {first !== undefined && (
        <div class="warning">
          <AlertLine alert={first} />
          {other.value.length > 1 && (
            <button type="button" class="quiet" onClick={() => setAll(true)}>
              All {alerts.value.length} alerts
            </button>
          )}
        </div>
      )}
      {all && (
        <Dialog title={`${alerts.value.length} alerts`} close={() => setAll(false)} alarm={false} wide>
          <div class="alert-list">
            {alerts.value.map((alert) => (
              <AlertLine key={alert.alert_id} alert={alert} />
            ))}
          </div>
        </Dialog>
      )}
    </section>
  );
}

export function AlertLine({ alert }: { alert: Alert }) {
  const doing = useAct();
  const acknowledge = () =>
    doing.run(async () => {
      await act((key) =>
        api.POST("/desk/alerts/{alert_id}/acknowledge", {
          params: { path: { alert_id: alert.alert_id }, header: keyed(key) },
          // Only the raising that stands on this screen: one that came since has been seen by nobody.
          body: { opened_at: alert.opened_at },
        }),
      );
      alerts.value = alerts.value.filter((one) => one.alert_id !== alert.alert_id);
      lookNow();
    });
  return (
    <div class="alert-line">
      <p>
        <strong>
          <span class="rank">{alert.rank}</span> {alertTold(alert.kind)}
        </strong>{" "}
        <span>
          {alert.case_id !== null && alert.case_reference !== null ? (
            <a href={to.case(alert.case_id)}>{alert.case_reference}</a>
          ) : (
            alert.case_reference
          )}{" "}
          open for {span(now.value - Date.parse(alert.opened_at))}
          {alert.nudge > 0 && `, called ${alert.nudge + 1} times`}
        </span>
      </p>
      <button type="button" class="on-colour" disabled={doing.busy} onClick={acknowledge}>
        Acknowledge {alert.rank === "A1" && <Key of="!" />}
      </button>
      <Refusal error={doing.error} />
    </div>
  );
}
