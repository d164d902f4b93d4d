/** The small parts that every view is made of. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Alert, Problem } from "../api/client";
import { useKeys } from "../keys";
import { alerts, now } from "../live";
import { viewTitle } from "../look";
import { alertTold, clock, gradeName, span } from "../words";
import type { Grade } from "../api/client";

export function Key({ of }: { of: string }) {
  return (
    <kbd class="key" aria-hidden="true">
      {of.replace("Ctrl+", "Ctrl ").replace("Escape", "Esc")}
    </kbd>
  );
}

export function GradeTag({ grade }: { grade: Grade }) {
  return <strong class={`tag grade-${grade}`}>{gradeName(grade)}</strong>;
}

export function Due({ by }: { by: string }) {
  const left = Date.parse(by) - now.value;
  const over = left < 0;
  return (
    <span class={over ? "due over" : left < 600_000 ? "due soon" : "due"}>
      {over ? `${span(-left)} overdue` : `answer in ${span(left)}`}
    </span>
  );
}

export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={clock(at)}>
      {span(now.value - Date.parse(at))} ago
    </time>
  );
}

/** The heading of a view: it takes the focus, so that keys and screen readers begin here; `title` names its tab. */
export function Heading({ children, title }: { children: ComponentChildren; title?: string }) {
  const self = useRef<HTMLHeadingElement>(null);
  // Before anybody can press a key: what moves the focus on by one is not undone by this.
  useLayoutEffect(() => self.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    viewTitle.value = title ?? self.current?.textContent ?? "";
  }, [title, children]);
  return (
    <h1 ref={self} tabIndex={-1}>
      {children}
    </h1>
  );
}

export function Refusal({
  error,
  named = (field) => field,
  inSight = false,
}: {
  error: Error | null;
  /** What the screen calls a field of the desk's. */
  named?: (field: string) => string;
  /** Whether it comes into sight by itself: a form may be longer than the window. */
  inSight?: boolean;
}) {
  const self = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (inSight) self.current?.scrollIntoView({ block: "nearest" });
  }, [error]);
  if (error === null) return null;
  const faults = error instanceof Problem ? error.faults : [];
  return (
    <div class="refusal" role="alert" ref={self}>
      <p>{error.message}</p>
      {faults.length > 0 && (
        <ul>
          {faults.map((fault) => (
            <li key={fault.field}>
              <strong>{named(fault.field)}</strong>: {fault.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A view whose subject cannot be had. */
export function Missing({ title, error }: { title: string; error: Error }) {
  return (
    <>
      <Heading>{title}</Heading>
      <Refusal error={error} />
    </>
  );
}

/** One act at a time, with what became of it. */
export function useAct(): {
  busy: boolean;
  error: Error | null;
  forget: () => void;
  run: (act: () => Promise<unknown>) => Promise<boolean>;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const running = useRef(false);
  return {
    busy,
    error,
    forget: () => setError(null),
    run: async (act) => {
      if (running.current) return false;
      running.current = true;
      setBusy(true);
      setError(null);
      try {
        await act();
        return true;
      } catch (caught) {
        setError(caught instanceof Error ? caught : new Error("This did not work."));
        return false;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
  };
}

export function Dialog({
  title,
  close,
  children,
  wide = false,
  alarm = true,
}: {
  title: string;
  close: () => void;
  children: ComponentChildren;
  wide?: boolean;
  /** Whether it says that an A1 alert is open under it. */
  alarm?: boolean;
}) {
  const self = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before the next frame, so that whoever closes it can move the focus on.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const dialog = self.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  useKeys([{ key: "Escape", does: "Close this window", run: close, typing: true }], { window: true });
  return (
    <dialog
      ref={self}
      class={wide ? "wide" : ""}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <div class="dialog-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" class="quiet" onClick={close}>
          Close <Key of="Esc" />
        </button>
      </div>
      {alarm && <Alarmed />}
      {children}
    </dialog>
  );
}

/** A window covers the alerts of the screen: while one of them is about a life, the window says so itself. */
function Alarmed() {
  const grave = alerts.value.filter((one) => one.rank === "A1");
  if (grave.length === 0) return null;
  return (
    <p class="alarm" role="alert">
      <strong>{gravely(grave)}</strong> Close this window to acknowledge.
    </p>
  );
}

/** Alerts about life in one sentence that stays the same as time goes by, so that it is read out once. */
export function gravely(grave: readonly Alert[]): string {
  const told = [...new Set(grave.map((one) => alertTold(one.kind)))].join(", ");
  return `${grave.length === 1 ? "A1 alert" : `${grave.length} A1 alerts`}: ${told}.`;
}

export function Field({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: string;
  children: (id: string, described: string | undefined) => ComponentChildren;
}) {
  const id = useId();
  const described = hint === undefined ? undefined : `${id}-hint`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p class="hint" id={described}>
          {hint}
        </p>
      )}
      {children(id, described)}
    </div>
  );
}

export function Choices<T extends string>({
  legend,
  name,
  options,
  chosen,
  choose,
  first = false,
  inline = false,
}: {
  legend: string;
  name: string;
  options: readonly (readonly [T, string])[];
  chosen: T;
  choose: (value: T) => void;
  first?: boolean;
  inline?: boolean;
}) {
  return (
    <fieldset class={inline ? "choices inline" : "choices"}>
      <legend>{legend}</legend>
      {options.map(([value, label]) => (
        <label key={value} class="choice">
          <input
            type="radio"
            name={name}
            value={value}
            checked={chosen === value}
            {...(first && chosen === value ? { "data-first": "" } : {})}
            onChange={() => choose(value)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
