/** The operators' API: typed by docs/openapi.json, every act with a key of its own, every refusal as a Problem. */

import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Shapes = components["schemas"];
export type Case = Shapes["CaseShape"];
export type CaseFile = Shapes["CaseFileShape"];
export type Entry = Shapes["EntryShape"];
export type Attachment = Shapes["AttachmentShape"];
export type Alert = Shapes["AlertShape"];
export type Me = Shapes["MeShape"];
export type Watch = Shapes["WatchShape"];
export type Approved = Shapes["ApprovedShape"];
// A corner is a list of two in what is read, and a pair in what is sent.
export type Broadcast = Omit<Shapes["BroadcastShape"], "area"> & { area: { names: string[]; polygon: number[][] | null } };
export type Copy = Shapes["CopyShape"];
export type BroadcastBody = Shapes["BroadcastBody"];
export type Publishing = Shapes["PublishingShape"];
export type Stats = Shapes["StatsShape"];
export type Times = Shapes["TimesShape"];
export type Grade = Case["grade"];

const PATIENCE_MILLISECONDS = 12_000;
const TRIES = 4;

let token: () => string | null = () => null;
let signedOut: () => void = () => undefined;

/** Who gives the token of a call, and what happens when the desk does not take it any more. */
export function authorise(by: () => string | null, otherwise: () => void): void {
  token = by;
  signedOut = otherwise;
}

/** What the desk refused, and why, in its own words. */
export class Problem extends Error {
  readonly type: string;

  constructor(
    readonly status: number,
    readonly fields: Readonly<Record<string, unknown>>,
  ) {
    super(typeof fields["detail"] === "string" ? fields["detail"] : `The desk answered ${status}.`);
    this.type = String(fields["type"] ?? "").replace("urn:contact-desk:", "");
  }

  /** The rules that were broken, by field. */
  get faults(): readonly { field: string; message: string }[] {
    const errors = this.fields["errors"];
    return Array.isArray(errors) ? (errors as { field: string; message: string }[]) : [];
  }
}

/** The desk cannot be reached, or is not itself. */
export class Unreachable extends Error {
  constructor() {
    super("The desk cannot be reached. Nothing was lost; try again.");
  }
}

const bearer: Middleware = {
  onRequest({ request }) {
    const given = token();
    if (given !== null) request.headers.set("authorization", `Bearer ${given}`);
    return request;
  },
};

export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: (request) =>
    fetch(request, {
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(PATIENCE_MILLISECONDS)]),
      cache: "no-store",
    }),
});
api.use(bearer);

interface Given<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What a call gave; throws Problem or Unreachable. */
export async function given<T>(call: Promise<Given<T>>): Promise<T> {
  let answer: Given<T>;
  try {
    answer = await call;
  } catch {
    throw new Unreachable();
  }
  if (answer.response.ok) return answer.data as T;
  if (answer.response.status === 401) signedOut();
  if (answer.response.status >= 500 && answer.response.status !== 503) throw new Unreachable();
  throw new Problem(answer.response.status, (answer.error ?? {}) as Record<string, unknown>);
}

/** An act under one idempotency key: it is tried again where nobody knows whether it was done, and done once. */
export async function act<T>(call: (key: string) => Promise<Given<T>>): Promise<T> {
  const key = crypto.randomUUID();
  for (let tried = 1; ; tried += 1) {
    try {
      return await given(call(key));
    } catch (error) {
      const worthIt = error instanceof Unreachable || (error instanceof Problem && error.status === 503);
      if (!worthIt || tried === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** tried));
    }
  }
}

/** The headers of an act, and of one that speaks of a version. */
export function keyed(key: string): { "idempotency-key": string } {
  return { "idempotency-key": key };
}

export function seen(key: string, version: number): { "idempotency-key": string; "if-match": string } {
  return { "idempotency-key": key, "if-match": `"${version}"` };
}
