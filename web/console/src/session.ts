/** Who sits here: OpenID Connect, code flow with PKCE, by whoever `config.json` names. */

import { signal } from "@preact/signals";
import { UserManager, WebStorageStateStore, type User } from "oidc-client-ts";
import { api, authorise, given, type Me, Problem } from "./api/client";
import { go } from "./route";

interface Settings {
  authority: string;
  client_id: string;
  scope: string;
}

export type Standing = "starting" | "signed-out" | "expired" | "signed-in" | "no-role" | "failed";

export const standing = signal<Standing>("starting");
export const me = signal<Me | null>(null);
export const failure = signal<string | null>(null);

const BASE = "/console/";
const BACK = `${BASE}signed-in`;
let manager: UserManager | null = null;
let user: User | null = null;

/** Find out who sits here: from the way back of a sign-in, or from this tab's session. */
export async function begin(): Promise<void> {
  authorise(
    () => user?.access_token ?? null,
    () => {
      if (standing.value === "signed-in") standing.value = "expired";
    },
  );
  try {
    const answer = await fetch(`${BASE}config.json`, { cache: "no-store" });
    if (!answer.ok) throw new Error("The settings of this screen are not there.");
    const settings = (await answer.json()) as Settings;
    manager = new UserManager({
      ...settings,
      redirect_uri: `${location.origin}${BACK}`,
      post_logout_redirect_uri: `${location.origin}${BASE}`,
      response_type: "code",
      // The tab's own memory: it ends with the tab, and survives a reload.
      userStore: new WebStorageStateStore({ store: sessionStorage }),
      stateStore: new WebStorageStateStore({ store: sessionStorage }),
      automaticSilentRenew: true,
      monitorSession: false,
      loadUserInfo: false,
    });
    manager.events.addUserLoaded((loaded) => {
      user = loaded;
      if (standing.value === "expired") standing.value = "signed-in";
    });
    if (location.pathname === BACK) {
      user = await manager.signinRedirectCallback();
      go(typeof user.state === "string" ? user.state : BASE, true);
    } else {
      user = await manager.getUser();
    }
    if (user === null || user.expired === true) {
      standing.value = "signed-out";
      return;
    }
    me.value = await given(api.GET("/desk/me"));
    standing.value = "signed-in";
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      standing.value = "signed-out";
      return;
    }
    if (error instanceof Problem && error.status === 403) {
      standing.value = "no-role";
      return;
    }
    if (location.pathname === BACK) go(BASE, true);
    // A browser's own words for a call that did not get through say nothing to people.
    failure.value = error instanceof Error && !(error instanceof TypeError) ? error.message : "The desk cannot be reached. Try again.";
    standing.value = "failed";
  }
}

/** Leave for the sign-in, and come back to where one is. */
export async function signIn(): Promise<void> {
  // Without the settings there is nobody to go to: they are asked for anew.
  if (manager === null) return location.reload();
  try {
    const here = location.pathname.startsWith(BACK) ? BASE : location.pathname;
    await manager.signinRedirect({ state: here });
  } catch {
    failure.value = "The sign-in cannot be reached. Try again.";
    standing.value = "failed";
  }
}

/** End the session here, and at the provider where it can. */
export async function signOut(): Promise<void> {
  sessionStorage.clear();
  const ends = await manager?.metadataService.getEndSessionEndpoint().catch(() => undefined);
  user = null;
  me.value = null;
  if (ends !== undefined && manager !== null) await manager.signoutRedirect().catch(() => undefined);
  else await manager?.removeUser();
  standing.value = "signed-out";
  go(BASE, true);
}

export function is(...roles: string[]): boolean {
  return me.value?.roles.some((role) => roles.includes(role)) ?? false;
}
