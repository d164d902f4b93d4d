/** Acts on broadcasts, each under a key of its own. */

import { act, api, type Broadcast, type BroadcastBody, given, keyed, type Publishing, seen } from "./api/client";
import { publishing } from "./live";

const PATH = "/desk/broadcasts/{broadcast_id}";

const on = (broadcast_id: string) => ({ broadcast_id });

export async function listBroadcasts(): Promise<Broadcast[]> {
  return (await given(api.GET("/desk/broadcasts"))).broadcasts;
}

export async function readBroadcast(id: string): Promise<Broadcast> {
  return given(api.GET(PATH, { params: { path: on(id) } }));
}

export async function draft(body: BroadcastBody): Promise<Broadcast> {
  return act((key) => api.POST("/desk/broadcasts", { params: { header: keyed(key) }, body }));
}

export async function edit(one: Broadcast, body: BroadcastBody): Promise<Broadcast> {
  return given(
    api.PUT(PATH, { params: { path: on(one.broadcast_id), header: { "if-match": `"${one.version}"` } }, body }),
  );
}

export async function submit(one: Broadcast, urgent: boolean): Promise<Broadcast> {
  return act((key) =>
    api.POST(`${PATH}/submit`, { params: { path: on(one.broadcast_id), header: seen(key, one.version) }, body: { urgent } }),
  );
}

export async function approve(one: Broadcast): Promise<Broadcast> {
  return act((key) =>
    api.POST(`${PATH}/approve`, {
      params: { path: on(one.broadcast_id), header: seen(key, one.version) },
      body: { hash: one.hash },
    }),
  );
}

export async function correct(one: Broadcast, body: BroadcastBody): Promise<Broadcast> {
  return act((key) =>
    api.POST(`${PATH}/correct`, { params: { path: on(one.broadcast_id), header: seen(key, one.version) }, body }),
  );
}

export async function cancel(one: Broadcast, reason: string): Promise<Broadcast> {
  return act((key) =>
    api.POST(`${PATH}/cancel`, {
      params: { path: on(one.broadcast_id), header: seen(key, one.version) },
      body: { reason: reason.trim() === "" ? null : reason },
    }),
  );
}

export async function readPublishing(): Promise<Publishing> {
  return given(api.GET("/desk/publishing"));
}

/** A stop always counts; a start only of the stop that was read, `seen`. */
export async function turnPublishing(turned: boolean, reason: string, seen: Publishing | null): Promise<Publishing> {
  const header = turned && seen !== null ? { "if-match": `"${seen.version}"` } : {};
  const now = await given(api.PUT("/desk/publishing", { params: { header }, body: { on: turned, reason } }));
  publishing.value = now;
  return now;
}
