/** Acts on cases, each under a key of its own; what comes back is shown at once. */

import { act, api, type Case, type CaseFile, given, keyed, Problem, seen, type Shapes } from "./api/client";
import { lookNow, put } from "./live";

const PATH = "/desk/cases/{case_id}";

const on = (case_id: string) => ({ case_id });

/** An act's answer into the lists, and the next look at once. */
function shown<T extends Case>(changed: T): T {
  put(changed);
  lookNow();
  return changed;
}

export async function openFile(id: string): Promise<CaseFile> {
  return given(api.GET(PATH, { params: { path: on(id) } }));
}

export async function claim(id: string): Promise<Case> {
  return shown(
    await act((key) => api.POST(`${PATH}/claim`, { params: { path: on(id), header: keyed(key) }, body: {} })),
  );
}

export async function release(id: string): Promise<Case> {
  return shown(
    await act((key) => api.POST(`${PATH}/release`, { params: { path: on(id), header: keyed(key) }, body: {} })),
  );
}

export async function takeOver(id: string): Promise<Case> {
  return shown(
    await act((key) => api.POST(`${PATH}/take-over`, { params: { path: on(id), header: keyed(key) }, body: {} })),
  );
}

export async function reply(one: Case, body: Shapes["ReplyBody"]): Promise<Case> {
  return shown(
    await act((key) =>
      api.POST(`${PATH}/replies`, { params: { path: on(one.case_id), header: seen(key, one.version) }, body }),
    ),
  );
}

export async function note(one: Case, text: string): Promise<Case> {
  return shown(
    await act((key) =>
      api.POST(`${PATH}/notes`, { params: { path: on(one.case_id), header: seen(key, one.version) }, body: { text } }),
    ),
  );
}

export async function regrade(one: Case, body: Shapes["GradeBody"]): Promise<Case> {
  return shown(
    await act((key) =>
      api.POST(`${PATH}/grade`, { params: { path: on(one.case_id), header: seen(key, one.version) }, body }),
    ),
  );
}

export async function assess(one: Case, body: Shapes["ThriveBody"]): Promise<Case> {
  return shown(
    await act((key) =>
      api.POST(`${PATH}/thrive`, { params: { path: on(one.case_id), header: seen(key, one.version) }, body }),
    ),
  );
}

export async function handOver(one: Case, body: Shapes["TransferBody"]): Promise<Case> {
  return shown(
    await act((key) =>
      api.POST(`${PATH}/transfer`, { params: { path: on(one.case_id), header: seen(key, one.version) }, body }),
    ),
  );
}

export async function setSafeContact(one: Case, body: Shapes["SafeContactWish"]): Promise<Case> {
  return shown(
    await act((key) =>
      api.POST(`${PATH}/safe-contact`, { params: { path: on(one.case_id), header: seen(key, one.version) }, body }),
    ),
  );
}

export async function close(one: Case, body: Shapes["CloseBody"]): Promise<Case> {
  return shown(
    await act((key) =>
      api.POST(`${PATH}/close`, { params: { path: on(one.case_id), header: seen(key, one.version) }, body }),
    ),
  );
}

export async function resolve(outbox_id: string, outcome: Shapes["ResolveBody"]["outcome"]): Promise<void> {
  await act((key) =>
    api.POST("/desk/outbox/{outbox_id}/resolve", {
      params: { path: { outbox_id }, header: keyed(key) },
      body: { outcome },
    }),
  );
  lookNow();
}

/** A picture that came with a case; the desk writes down who looked. */
export async function pictureOf(case_id: string, sha256: string): Promise<Blob> {
  const shown = await given(
    api.GET("/desk/cases/{case_id}/attachments/{sha256}", { params: { path: { case_id, sha256 } } }),
  );
  const bytes = Uint8Array.from(atob(shown.content), (sign) => sign.charCodeAt(0));
  return new Blob([bytes], { type: shown.media_type });
}

export async function promisesIn(text: string): Promise<readonly Shapes["PromiseShape"][]> {
  const found = await act((key) =>
    api.POST("/desk/texts/check", { params: { header: keyed(key) }, body: { text } }),
  );
  return found.promises;
}

let texts: Promise<readonly Shapes["ApprovedShape"][]> | null = null;

/** The force's approved texts, asked for once. */
export function approvedTexts(): Promise<readonly Shapes["ApprovedShape"][]> {
  texts ??= given(api.GET("/desk/texts")).then(
    (found) => found.texts,
    (error: unknown) => {
      texts = null;
      throw error;
    },
  );
  return texts;
}

/** Confirm what the desk answered by itself: each is claimed, and closed as it was read in the list. */
export async function confirmAnswered(
  cases: readonly Case[],
  disposition: Shapes["CloseBody"]["disposition"],
  told: (one: Case, error: Error | null) => void,
): Promise<void> {
  const waiting = [...cases];
  const worker = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      try {
        const held = await claim(one.case_id);
        if (held.last_contact_at !== one.last_contact_at) {
          await release(one.case_id);
          throw new Problem(409, { detail: "The person wrote again. Open the case and read it." });
        }
        await close(held, { disposition, last_contact_at: one.last_contact_at });
        told(one, null);
      } catch (error) {
        told(one, error instanceof Error ? error : new Error("This did not work."));
      }
    }
  };
  await Promise.all([worker(), worker(), worker()]);
}
