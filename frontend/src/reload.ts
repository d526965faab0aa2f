/**
 * On the pages of `genui serve --reload`: when a component has been edited, what shows components looks again,
 * and when an edit is broken, the page says what `genui check` would, and where a script has a mistake.
 */

import css from "./styles/reload.css";
import type { Description } from "./client.ts";
import { adopt, h, sheet } from "./dom.ts";

interface News {
  /** Grows with each edit that is taken up. */
  generation: number;
  /** Why the last edit was not. */
  error: string | null;
}

interface Refreshable extends Element {
  refresh(): Promise<void>;
}

/** A component's script in a stack trace, or anywhere else. Another version has another address. */
const SCRIPT = /[a-z]+:\/\/[^\s()]+\/components\/[^\s/]+\/script\.js\?v=\w+/;
const BASE = new URL("../", import.meta.url);

const banner = h("p", { class: "genui-reload", role: "alert", dir: "ltr", hidden: true });
let known: number | undefined;

async function hear({ generation, error }: News): Promise<void> {
  say(error);
  if (generation === known) return;
  const asAsked = known === undefined && generation === 0; // else there may have been an edit since the page asked
  known = generation;
  const scripts = await served();
  forget(new Set(scripts.map(({ address }) => address)));
  if (!asAsked) refresh();
  const mistakes = await Promise.all(scripts.map(({ address, own }) => (own ? mistakeIn(address) : undefined)));
  if (generation === known && error === null) say(mistakes.find((one) => one !== undefined) ?? null);
}

function say(error: string | null): void {
  banner.hidden = error === null;
  banner.textContent = error;
}

function refresh(): void {
  for (const element of document.querySelectorAll<Refreshable>("genui-chat, genui-gallery")) {
    element.refresh().catch((cause: unknown) => console.warn("genui: the components could not be shown anew.", cause));
  }
}

/** The scripts that components have now. */
async function served(): Promise<{ address: string; own: boolean }[]> {
  const { components } = (await (await fetch(new URL("v1/components", BASE))).json()) as Description;
  return components.flatMap(({ script, builtin }) => (script ? [{ address: new URL(script, BASE).href, own: !builtin }] : []));
}

/* A script that was edited starts again on the elements that stand, and hears what it listened to before no more. */

const listening = new Map<string, (() => void)[]>();
const { addEventListener } = EventTarget.prototype;

EventTarget.prototype.addEventListener = function (this: EventTarget, ...[type, listener, options]: Parameters<typeof addEventListener>): void {
  addEventListener.call(this, type, listener, options);
  const [address] = SCRIPT.exec(new Error().stack ?? "") ?? [];
  if (address === undefined) return;
  const ends = listening.get(address) ?? [];
  listening.set(address, ends);
  ends.push(() => this.removeEventListener(type, listener, options));
};

/** Of all scripts but these. */
function forget(current: ReadonlySet<string>): void {
  for (const [address, ends] of listening) {
    if (current.has(address)) continue;
    for (const end of ends) end();
    listening.delete(address);
  }
}

/* A module that cannot be read tells only a script element where. */

interface ScriptURLs {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

const rules = { createScriptURL: (url: string): string => (SCRIPT.test(url) ? url : "") };
const policy = (globalThis as { trustedTypes?: ScriptURLs }).trustedTypes?.createPolicy("genui-reload", rules) ?? rules;

/** What is wrong with a script: its file, line and error. It is the module that widgets run: nothing runs twice. */
function mistakeIn(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const file = new URL(address).pathname.slice(BASE.pathname.length);
    let mistake: string | undefined;
    const hear = (event: ErrorEvent): void => {
      if (event.filename === address) mistake ??= `${file}:${event.lineno}: ${event.message.replace(/^Uncaught /, "")}`;
    };
    const told = (): void => {
      removeEventListener("error", hear);
      script.remove();
      resolve(mistake);
    };
    const script = h("script", { type: "module" });
    script.src = policy.createScriptURL(address);
    script.onload = told;
    script.onerror = () => ((mistake ??= `${file}: it could not be loaded.`), told());
    globalThis.addEventListener("error", hear);
    document.head.append(script);
  });
}

adopt(document, sheet(css));
document.body.append(banner);
new EventSource(new URL("v1/reload", BASE)).onmessage = ({ data }) => void hear(JSON.parse(data as string) as News);
