/**
 * AG-UI's own `HttpAgent`, and no framework. Its messages become answers: Markdown, and between it activities of
 * the type `genui.component`, which genui draws.
 */

import { HttpAgent } from "@ag-ui/client";
import type { Message, RunAgentInput } from "@ag-ui/client";
import { resuming } from "../../../docs/examples/ag-ui/resuming.js";
import { connect, Library, mount } from "../../../genui/static/embed.js";
import type { GenUIWidget } from "../../../genui/static/embed.js";
import { alert, busy, form, question, stop, turn } from "../form.ts";
import { Answer } from "../snapshots.ts";
import type { ComponentPart, TextPart } from "../snapshots.ts";

/** What the server says instead of an answer. */
interface Refusal {
  error?: { code: string; message: string };
}

/** What stands in an activity. */
type Content = { type: "text"; text: string } | ({ type: "component"; children: Content[] } & ComponentPart);

/** An agent that also reads a run that there is already: the one that a button has begun. */
class Agent extends HttpAgent {
  begun = "";

  protected override requestInit(input: RunAgentInput): RequestInit {
    if (!this.begun) return super.requestInit(input);
    return { method: "GET", headers: { Accept: "text/event-stream" }, signal: this.abortController.signal };
  }
}

const url = "/v1/ag-ui?render=html";
const agent = new Agent({ url, fetch: resuming() });
const library = Library.load(connect({ src: "/" }));
let running = "";

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void ask(question.value);
  question.value = "";
});
stop.addEventListener("click", () => void fetch(`/v1/runs/${running}/cancel`, { method: "POST" }));

async function ask(content: string): Promise<void> {
  agent.messages.push({ id: crypto.randomUUID(), role: "user", content });
  turn("You").append(content);
  Object.assign(agent, { begun: "", url });
  await follow();
}

/** Run the agent, and show what it says to what was asked last. */
async function follow(): Promise<void> {
  const article = turn("Answer");
  const before = agent.messages.length;
  let run = "";
  const answer = new Answer(library, (component, action, values) => act({ run, component, action, values }));
  const view = mount(answer.tree, article, { library: await library });
  answer.watch((changed) => view.update(changed));
  article.addEventListener("genui-action", (event) => {
    const { action, values = {} } = (event as CustomEvent<{ action: string; values?: object }>).detail;
    void answer.act((event.target as GenUIWidget).component, action, { ...values });
  });
  busy(true);
  await agent
    .runAgent({}, {
      onRunStartedEvent: ({ event }) => void (run = running = event.metadata?.["genui"].run),
      onRunErrorEvent: ({ event }) => alert(article, event.message),
      onMessagesChanged: ({ messages }) => answer.tell(messages.slice(before).flatMap(parts), false),
    })
    .catch((error: Error & { payload?: Refusal }) => alert(article, error.payload?.error?.message ?? error.message));
  answer.tell([], true);
  busy(false);
}

/** A press begins a run of ours, which the agent then reads. */
async function act(done: { run: string; component: string; action: string; values: object }): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch("/v1/actions", { method: "POST", headers, body: JSON.stringify({ ...done, render: "html" }) });
  const acted = await response.json();
  if (acted.error) alert([...document.querySelectorAll("article")].at(-1) as HTMLElement, acted.error.message);
  if (!response.ok || !acted.message) return;
  agent.messages.push({ id: crypto.randomUUID(), role: "user", content: acted.message.content });
  turn("You").append(acted.message.content);
  Object.assign(agent, { begun: acted.run, url: `/v1/ag-ui/${acted.run}?threadId=${agent.threadId}&runId=${acted.run}` });
  await follow();
}

function parts(message: Message): (TextPart | ComponentPart)[] {
  if (message.role === "assistant") return [{ text: message.content ?? "" }];
  return message.role === "activity" && message.activityType === "genui.component" ? flat(message.content as Content) : [];
}

function flat(node: Content, parent?: string): (TextPart | ComponentPart)[] {
  if (node.type === "text") return [{ text: node.text, parent }];
  const { children, type, ...component } = node;
  return [{ ...component, parent }, ...children.flatMap((child) => flat(child, node.id))];
}
