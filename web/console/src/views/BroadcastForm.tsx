/** A broadcast is filled in once; the words of each channel are written from its fields, and can be changed. */

import { useEffect, useId, useState } from "preact/hooks";
import { type Broadcast, type BroadcastBody, Problem } from "../api/client";
import { correct, draft, edit, readBroadcast } from "../broadcasts";
import { draftOf, keepDraft } from "../drafts";
import { useKeys } from "../keys";
import { go, to } from "../route";
import { me } from "../session";
import { channel, kindName } from "../words";
import { Choices, Field, Heading, Key, Missing, Refusal, useAct } from "./parts";

type Kind = Broadcast["kind"];

interface Filled {
  kind: Kind;
  what: string;
  where: string;
  do: string;
  severity: Broadcast["severity"];
  places: string;
  reference: string;
  starts: string;
  expires: string;
  channels: Record<string, string>;
}

const KINDS: readonly Kind[] = ["incident", "appeal", "advice", "message", "holding", "rumour"];
const SEVERITIES: readonly Broadcast["severity"][] = ["unknown", "minor", "moderate", "severe", "extreme"];
const EMPTY: Filled = {
  kind: "incident",
  what: "",
  where: "",
  do: "",
  severity: "unknown",
  places: "",
  reference: "",
  starts: "",
  expires: "",
  channels: {},
};

export function BroadcastForm({ id, corrects }: { id: string | null; corrects: string | null }) {
  const name = `broadcast:${id ?? corrects ?? "new"}`;
  const [before, setBefore] = useState<Broadcast | null>(null);
  const [filled, setFilled] = useState<Filled>(() => {
    const kept = draftOf(name);
    return kept === "" ? EMPTY : (JSON.parse(kept) as Filled);
  });
  const [picture, setPicture] = useState<NewPicture | null>(null);
  const [missing, setMissing] = useState<Error | null>(null);
  const [kept, setKept] = useState(draftOf(name) !== "");
  const doing = useAct();
  const source = id ?? corrects;

  useEffect(() => {
    if (source === null) return;
    readBroadcast(source).then(
      (found) => {
        setBefore(found);
        if (draftOf(name) === "") setFilled(filledFrom(found, corrects === null));
      },
      (error: unknown) => setMissing(error instanceof Error ? error : new Error("This did not work.")),
    );
  }, [source]);

  const change = (changes: Partial<Filled>) => {
    const next = { ...filled, ...changes };
    setFilled(next);
    keepDraft(name, JSON.stringify(next));
  };
  const save = () =>
    void doing.run(async () => {
      const body = bodyOf(filled, before, picture);
      const saved =
        before === null ? await draft(body) : corrects === null ? await edit(before, body) : await correct(before, body);
      keepDraft(name, "");
      go(to.broadcast(saved.broadcast_id), true);
    });
  const startAnew = () => {
    keepDraft(name, "");
    setKept(false);
    setFilled(before === null ? EMPTY : filledFrom(before, corrects === null));
  };
  const leave = () => go(source === null ? to.broadcasts : to.broadcast(source));
  useKeys([
    { key: "Escape", does: "Leave; what you typed is kept", run: leave },
    { key: "Ctrl+Enter", does: "Save the draft and see it", run: save, typing: true },
  ]);
  const title = corrects !== null ? "Correct a broadcast" : id === null ? "Draft a broadcast" : "Edit a broadcast";
  // Without the words that are there, saving would make another broadcast of it.
  if (source !== null && before === null)
    return missing === null ? <p class="nothing">Reading…</p> : <Missing title={title} error={missing} />;
  const faults = doing.error instanceof Problem ? new Map(doing.error.faults.map((one) => [one.field, one.message])) : new Map<string, string>();
  const line = (field: "what" | "where" | "reference" | "places", label: string, hint?: string, fault = field as string) => (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(box, described) => (
        <>
          <input
            id={box}
            type="text"
            maxLength={200}
            aria-describedby={faults.has(fault) ? `${described ?? ""} ${box}-fault` : described}
            aria-invalid={faults.has(fault)}
            value={filled[field]}
            onInput={(event) => change({ [field]: event.currentTarget.value })}
          />
          <Fault id={`${box}-fault`} told={faults.get(fault)} />
        </>
      )}
    </Field>
  );
  return (
    <form
      class="broadcast-form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Heading>{title}</Heading>
      {kept && (
        <p class="band" role="status">
          These are words that you typed before and did not save.{" "}
          <button type="button" class="quiet" onClick={startAnew}>
            {before === null ? "Start with an empty form" : "Start from the broadcast as it is"}
          </button>
        </p>
      )}
      <Choices
        legend="What is it?"
        name="kind"
        inline
        options={KINDS.map((kind) => [kind, kindName(kind)] as const)}
        chosen={filled.kind}
        choose={(kind) => change({ kind })}
      />
      <div class="two-columns">
        {line("what", "What", "In front, in plain words: Road closed")}
        {line("where", "Where", "Direction, junctions: Queensway tunnel, both ways")}
      </div>
      <Field label="What to do">
        {(box) => (
          <>
            <textarea
              id={box}
              rows={3}
              maxLength={1000}
              aria-describedby={faults.has("do") ? `${box}-fault` : undefined}
              aria-invalid={faults.has("do")}
              value={filled.do}
              onInput={(event) => change({ do: event.currentTarget.value })}
            />
            <Fault id={`${box}-fault`} told={faults.get("do")} />
          </>
        )}
      </Field>
      <div class="two-columns">
        {line("places", "Places, with commas between", "For the feed: Birkenhead, Wallasey", "area.names")}
        {line("reference", "The force’s own reference", "If it has one", "force_reference")}
        <Moment label="Goes out" hint="Left empty: as soon as it is approved" value={filled.starts} fault={faults.get("starts_at")} change={(starts) => change({ starts })} />
        <Moment label="Until" hint="An incident has to say when it ends" value={filled.expires} fault={faults.get("expires_at")} change={(expires) => change({ expires })} />
      </div>
      <Choices
        legend="How severe is it for those who are there?"
        name="severity"
        inline
        options={SEVERITIES.map((one) => [one, one.charAt(0).toUpperCase() + one.slice(1)] as const)}
        chosen={filled.severity}
        choose={(severity) => change({ severity })}
      />
      <PictureChoice known={before?.pictures ?? []} picture={picture} change={setPicture} />
      <fieldset class="choices">
        <legend>Channels</legend>
        <p class="hint">Words left empty are written from the fields above. Instagram needs a picture.</p>
        {(me.value?.desk.broadcast_channels ?? []).map((one) => (
          <ChannelChoice
            key={one}
            name={one}
            text={filled.channels[one]}
            fault={[...faults].find(([field]) => field.startsWith(`copies.${one}`))?.[1]}
            change={(text) => {
              const channels = { ...filled.channels };
              if (text === undefined) delete channels[one];
              else channels[one] = text;
              change({ channels });
            }}
          />
        ))}
      </fieldset>
      {/* Beside the button that was pressed, in sight of whoever pressed it. */}
      <Refusal error={doing.error} named={named} inSight />
      <p class="buttons">
        <button class="primary" disabled={doing.busy}>
          Save the draft and see it <Key of="Ctrl+Enter" />
        </button>
        <button type="button" class="quiet" onClick={leave}>
          Leave <Key of="Esc" />
        </button>
      </p>
    </form>
  );
}

function Moment({
  label,
  hint,
  value,
  fault,
  change,
}: {
  label: string;
  hint: string;
  value: string;
  fault: string | undefined;
  change: (value: string) => void;
}) {
  return (
    <Field label={label} hint={hint}>
      {(id, described) => (
        <>
          <input
            id={id}
            type="datetime-local"
            aria-describedby={fault === undefined ? described : `${described ?? ""} ${id}-fault`}
            aria-invalid={fault !== undefined}
            value={value}
            onInput={(event) => change(event.currentTarget.value)}
          />
          <Fault id={`${id}-fault`} told={fault} />
        </>
      )}
    </Field>
  );
}

function ChannelChoice({
  name,
  text,
  fault,
  change,
}: {
  name: string;
  text: string | undefined;
  fault: string | undefined;
  change: (text: string | undefined) => void;
}) {
  const said = useId();
  return (
    <div class="channel-choice">
      <label class="choice">
        <input
          type="checkbox"
          checked={text !== undefined}
          onChange={(event) => change(event.currentTarget.checked ? "" : undefined)}
        />
        <span>{channel(name)}</span>
      </label>
      {text !== undefined && (
        <textarea
          rows={2}
          aria-label={`Words on ${channel(name)}`}
          aria-describedby={fault === undefined ? undefined : said}
          aria-invalid={fault !== undefined}
          placeholder="Written from the fields"
          value={text}
          onInput={(event) => change(event.currentTarget.value)}
        />
      )}
      <Fault id={said} told={fault} />
    </div>
  );
}

function Fault({ id, told }: { id: string; told: string | undefined }) {
  return told === undefined ? null : (
    <p class="fault" id={id}>
      {told}
    </p>
  );
}

/** What the form calls a field of the desk's. */
function named(field: string): string {
  const [copy, name] = field.split(".");
  if (copy === "copies" && name !== undefined) return `Words on ${channel(name)}`;
  return FIELD_NAMES[field] ?? field;
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  what: "What",
  where: "Where",
  do: "What to do",
  "area.names": "Places",
  force_reference: "The force’s own reference",
  starts_at: "Goes out",
  expires_at: "Until",
  "pictures.0": "Picture",
};

/** A picture that is yet to be sent: it is not kept through a reload, which is said. */
interface NewPicture {
  content: string;
  name: string;
  alt: string;
}

const MOST_PICTURE_BYTES = 350_000;

function PictureChoice({
  known,
  picture,
  change,
}: {
  known: Broadcast["pictures"];
  picture: NewPicture | null;
  change: (picture: NewPicture | null) => void;
}) {
  const [fault, setFault] = useState<string | null>(null);
  const take = (file: File | undefined) => {
    setFault(null);
    if (file === undefined) {
      change(null);
      return;
    }
    if (file.size > MOST_PICTURE_BYTES) {
      setFault(`At most ${MOST_PICTURE_BYTES / 1000} kB; this one has ${Math.ceil(file.size / 1000)} kB.`);
      change(null);
      return;
    }
    const reader = new FileReader();
    reader.onload = () => change({ content: String(reader.result).split(",")[1] ?? "", name: file.name, alt: picture?.alt ?? "" });
    reader.onerror = () => setFault("The file cannot be read.");
    reader.readAsDataURL(file);
  };
  return (
    <fieldset class="choices">
      <legend>Picture</legend>
      {known.map((one) => (
        <p key={one.sha256} class="small">
          It has one already: {one.alt}
        </p>
      ))}
      <Field label="A JPEG or PNG" hint="At most 350 kB. It takes the place of the one there is.">
        {(id, described) => (
          <input
            id={id}
            type="file"
            accept="image/jpeg,image/png"
            aria-describedby={described}
            aria-invalid={fault !== null}
            onChange={(event) => take(event.currentTarget.files?.[0])}
          />
        )}
      </Field>
      {fault !== null && <p class="fault">{fault}</p>}
      {picture !== null && (
        <Field label="What it shows, for those who cannot see it">
          {(id) => (
            <input
              id={id}
              type="text"
              required
              maxLength={1000}
              value={picture.alt}
              onInput={(event) => change({ ...picture, alt: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
    </fieldset>
  );
}

/** The fields of a broadcast; the words of its copies too where somebody typed them and they are not about to be put right. */
function filledFrom(one: Broadcast, keepsWords: boolean): Filled {
  return {
    kind: one.kind,
    what: one.what,
    where: one.where,
    do: one.do,
    severity: one.severity,
    places: one.area.names.join(", "),
    reference: one.force_reference ?? "",
    starts: local(one.starts_at),
    expires: local(one.expires_at),
    // What came from the fields is written anew from them.
    channels: Object.fromEntries(one.copies.map((copy) => [copy.channel, keepsWords && copy.typed ? copy.text : ""])),
  };
}

function bodyOf(filled: Filled, before: Broadcast | null, picture: NewPicture | null): BroadcastBody {
  return {
    kind: filled.kind,
    what: filled.what,
    where: filled.where,
    do: filled.do,
    severity: filled.severity,
    force_reference: filled.reference === "" ? null : filled.reference,
    area: {
      names: filled.places.split(",").map((one) => one.trim()).filter(Boolean),
      polygon: (before?.area.polygon ?? null) as [number, number][] | null,
    },
    language: before?.language ?? null,
    versions: before?.versions ?? [],
    pictures:
      picture === null
        ? (before?.pictures ?? []).map((one) => ({ sha256: one.sha256, alt: one.alt }))
        : [{ content: picture.content, alt: picture.alt }],
    starts_at: utc(filled.starts),
    expires_at: utc(filled.expires),
    copies: Object.fromEntries(
      Object.entries(filled.channels).map(([name, text]) => [name, text.trim() === "" ? {} : { text }]),
    ),
  };
}

function utc(value: string): string | null {
  return value === "" ? null : new Date(value).toISOString();
}

function local(moment: string | null): string {
  if (moment === null) return "";
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
