/** The screen's own words, and times as the force's clock tells them. */

import type { Alert, Broadcast, Case, Copy, Entry, Grade } from "./api/client";
import { me } from "./session";

const CHANNELS: Readonly<Record<string, string>> = {
  messenger: "Messenger",
  facebook_page: "Facebook page",
  instagram: "Instagram",
  whatsapp: "WhatsApp",
  x: "X",
  sms: "Text message",
  report_form: "Report form",
  sms_list: "Text message list",
  email_list: "E-mail list",
};

export function channel(name: string): string {
  return CHANNELS[name] ?? name;
}

export function from(one: Case): string {
  const where = channel(one.channel);
  if (one.channel === "report_form" || one.channel === "sms") return where;
  return one.surface === "public" ? `${where}, in public` : `${where}, private`;
}

export function gradeName(grade: Grade): string {
  return me.value?.desk.grades[grade]?.name ?? grade;
}

export const GRADES: readonly Grade[] = ["emergency", "priority", "scheduled", "resolve"];

export const DISPOSITIONS: readonly (readonly [NonNullable<Broadcast["end_reason"]> | string, string])[] = [
  ["advice_given", "Advice given"],
  ["signposted", "Signposted to somebody else"],
  ["update_given", "Update given"],
  ["incident_recorded", "Incident recorded"],
  ["crime_recorded", "Crime recorded"],
  ["intelligence_recorded", "Intelligence recorded"],
  ["transferred", "Transferred"],
  ["emergency_transfer", "Emergency: handed to the control room"],
  ["answered_elsewhere", "Answered with another tool"],
  ["repeat", "Repeat of a contact"],
  ["thanks", "Thanks"],
  ["no_police_matter", "No police matter"],
  ["spam", "Spam or abuse"],
];

export function ended(disposition: string): string {
  return DISPOSITIONS.find(([name]) => name === disposition)?.[1] ?? spaced(disposition);
}

const tongues = new Intl.DisplayNames("en-GB", { type: "language", fallback: "code" });

/** A language by its code, in English. */
export function tongue(code: string): string {
  return /^[a-z]{2,3}$/.test(code) ? (tongues.of(code) ?? code) : spaced(code);
}

const ALERTS: Readonly<Record<Alert["kind"], string>> = {
  emergency: "Life may be at risk",
  priority: "Priority case",
  needs_person: "A sending needs your word",
  send_failed: "A message could not be sent",
  quarantine: "A delivery could not be read",
  channel_silent: "A channel is oddly silent",
  credential_dead: "A credential has died",
  channel_down: "A channel is down",
  backlog: "The backlog is growing",
  approval: "A broadcast waits for approval",
  broadcast_lapsed: "A broadcast has lapsed",
  publish_failed: "A copy was not published",
  person_to_tell: "A person has to be told of a correction",
  clock_breached: "A priority case has waited too long",
  unusual_reading: "Somebody reads unusually much",
};

export function alertTold(kind: Alert["kind"]): string {
  return ALERTS[kind];
}

const SENDING: Readonly<Record<string, string>> = {
  pending: "waiting to be sent",
  claimed: "being sent",
  started: "being sent",
  in_doubt: "in doubt: being looked up",
  sent: "sent",
  failed: "not sent",
  needs_human: "nobody knows whether it arrived",
};

export function sendingTold(state: string): string {
  return SENDING[state] ?? state;
}

const COPY: Readonly<Record<Copy["state"], string>> = {
  planned: "not published yet",
  publishing: "being published",
  live: "live",
  failed: "refused by the channel",
  lapsed: "lapsed",
  needs_human: "needs your word",
  ending: "being taken down",
  ended: "ended",
  withdrawn: "withdrawn before it went up",
};

export function copyTold(state: Copy["state"]): string {
  return COPY[state];
}

const KINDS: Readonly<Record<Broadcast["kind"], string>> = {
  incident: "Live incident",
  appeal: "Appeal",
  advice: "Advice",
  message: "Message",
  holding: "Holding statement",
  rumour: "Rumour correction",
};

export function kindName(kind: Broadcast["kind"]): string {
  return KINDS[kind];
}

const BROADCAST_STATES: Readonly<Record<Broadcast["state"], string>> = {
  draft: "Draft",
  submitted: "Waits for approval",
  approved: "Approved",
  scheduled: "Scheduled",
  publishing: "Being published",
  live: "Live",
  corrected: "Corrected",
  expired: "Expired",
  cancelled: "Cancelled",
};

export function stateName(state: Broadcast["state"]): string {
  return BROADCAST_STATES[state];
}

const ENTRIES: Readonly<Partial<Record<Entry["kind"], string>>> = {
  automatic: "The desk wrote by itself",
  reply: "Reply",
  note: "Note",
  grade: "Graded again",
  claim: "Claimed",
  release: "Given back",
  take_over: "Taken over",
  claim_expired: "Claim ran out",
  safe_contact: "Safe contact",
  acknowledged: "Alert acknowledged",
  answered_elsewhere: "Answered with another tool",
  resolved_send: "Said of a sending",
  closed: "Closed",
  second_read: "Read a second time by the desk",
  thrive: "Risk assessment",
  transfer: "Handed over",
};

export function entryName(kind: Entry["kind"]): string {
  return ENTRIES[kind] ?? kind;
}

const MARKERS: Readonly<Record<string, string>> = {
  child: "Child",
  domestic_abuse: "Domestic abuse",
  suicide_risk: "Suicide risk",
  weapon: "Weapon",
  hate: "Hate",
  vulnerable: "Vulnerable",
};

export function markerName(marker: string): string {
  return MARKERS[marker] ?? marker.replaceAll("_", " ");
}

/** How sure the machine is, in a word: nobody acts on a second decimal. */
export function sureness(confidence: number): string {
  return confidence >= 0.85 ? "very likely" : confidence >= 0.6 ? "likely" : "perhaps";
}

/** A machine's word as people write it. */
export function spaced(word: string): string {
  const text = word.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const zone = me.value?.desk.time_zone;
  const key = `${zone ?? ""}${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat("en-GB", zone === undefined ? options : { ...options, timeZone: zone });
    formats.set(key, made);
  }
  return made;
}

export function clock(moment: string | Date): string {
  return format({ hour: "2-digit", minute: "2-digit" }).format(new Date(moment));
}

/** Today's by the clock alone, others with their day. */
export function when(moment: string): string {
  const at = new Date(moment);
  const year = at.getFullYear() === new Date().getFullYear() ? {} : ({ year: "numeric" } as const);
  const day = format({ weekday: "short", day: "numeric", month: "short", ...year });
  return day.format(at) === day.format(new Date()) ? clock(moment) : `${day.format(at)}, ${clock(moment)}`;
}

export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function counted(number: number): string {
  return number.toLocaleString("en-GB");
}

export function share(part: number): string {
  return `${(part * 100).toFixed(part < 0.1 && part > 0 ? 1 : 0)} %`;
}

/** A duration in seconds, a dash for none. */
export function took(seconds: number | null): string {
  return seconds === null ? "–" : span(seconds * 1000);
}

/** A day as `2026-05-01` in words. */
export function day(date: string): string {
  return new Date(date).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}
