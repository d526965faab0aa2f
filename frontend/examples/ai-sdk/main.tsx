/**
 * `useChat` of the AI SDK, as it comes. The answers' text and components are drawn by genui's React binding:
 * the weather by a component of this page, every other one by the server's HTML.
 */

import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport } from "ai";
import type { UIMessage } from "ai";
import { useEffect, useState } from "react";
import type { FormEvent, ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { connect, Library } from "../../../genui/static/embed.js";
import { GenUIMessage } from "../../../genui/static/react.js";
import type { GenUIContext } from "../../../genui/static/react.js";
import { Answer } from "../snapshots.ts";
import type { Act, ComponentPart, TextPart } from "../snapshots.ts";

interface Status {
  label: string;
  state: "running" | "done" | "failed";
}

interface Action {
  run: string;
  component: string;
  action: string;
  values: Record<string, unknown>;
}

type Message = UIMessage<unknown, { component: Omit<ComponentPart, "id">; status: Status; action: Action }>;

const api = "/v1/ai-sdk/chat";
const transport = new DefaultChatTransport<Message>({ api, body: { render: "both" } });
/** What a refusal says: the SDK's error has the server's JSON as its message. */
function wordsOf(error: Error): string {
  try {
    return (JSON.parse(error.message) as { error: { message: string } }).error.message;
  } catch {
    return error.message;
  }
}

/** Whether an answer has its end: the SDK takes a stream that just ends for a whole one. */
const isWhole = ({ role, metadata }: UIMessage): boolean => role === "user" || (metadata as { genui?: { reason?: string } } | undefined)?.genui?.reason !== undefined;

const library = Library.load(connect({ src: "/" }));

/** While it streams, any prop may be missing. */
function Weather({ city = "…", temp, condition, genui }: { city?: string; temp?: number; condition?: string; genui: GenUIContext }): ReactNode {
  return (
    <section className="weather" aria-label={`Weather in ${city}`} data-state={genui.state}>
      <h3>{city}</h3>
      <output>{temp === undefined ? "…" : `${temp}°`}</output>
      <p>{condition ?? "…"}</p>
    </section>
  );
}

/** A message's texts and components, in the order of the page. */
function partsOf({ parts }: Message): (TextPart | ComponentPart)[] {
  return parts.flatMap((part): (TextPart | ComponentPart)[] => {
    if (part.type === "text") return [{ text: part.text, parent: part.providerMetadata?.["genui"]?.["parent"] as string | undefined }];
    return part.type === "data-component" && part.id ? [{ ...part.data, id: part.id }] : [];
  });
}

function Reply({ message, over, act }: { message: Message; over: boolean; act: Act }): ReactNode {
  const [answer] = useState(() => new Answer(library, act));
  useEffect(() => answer.tell(partsOf(message), over), [answer, message, over]);
  return <GenUIMessage message={answer} components={{ WeatherWidget: Weather }} />;
}

/** What the reader wrote, or did with a component. */
const said = ({ parts }: Message): string => parts.map((part) => (part.type === "text" ? part.text : part.type === "data-action" ? part.data.action.replaceAll("_", " ") : "")).join("");

function App(): ReactNode {
  const [status, setStatus] = useState<Status>();
  const [question, setQuestion] = useState("");
  const { id, messages, sendMessage, resumeStream, status: chat, error } = useChat<Message>({ transport, onData: (part) => part.type === "data-status" && setStatus(part.data) });
  const busy = chat === "submitted" || chat === "streaming";
  const last = messages.at(-1);
  const lost = !busy && last !== undefined && !isWhole(last);
  useEffect(() => void document.querySelector("article[aria-label=You]:nth-last-of-type(-n + 2)")?.scrollIntoView(), [messages.length]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void sendMessage({ text: question });
    setQuestion("");
  };
  const act = (run: string): Act => (component, action, values) => sendMessage({ parts: [{ type: "data-action", data: { run, component, action, values } }] });
  return (
    <main>
      {messages.map((message) => (
        <article key={message.id} aria-label={message.role === "user" ? "You" : "Answer"}>
          {message.role === "user" ? said(message) : <Reply message={message} over={isWhole(message) || message !== last} act={act(message.id)} />}
        </article>
      ))}
      {busy && status?.state === "running" && <p role="status">{status.label}…</p>}
      {lost ? (
        <p role="alert">
          The connection was lost. <button type="button" onClick={() => void resumeStream()}>Read on</button>
        </p>
      ) : (
        error && <p role="alert">{wordsOf(error)}</p>
      )}
      <form onSubmit={submit}>
        <input aria-label="Message" value={question} onChange={(event) => setQuestion(event.target.value)} />
        {/* useChat's own stop() only stops reading, as if to come back. */}
        {busy ? <button type="button" onClick={() => void fetch(`${api}/${id}/stop`, { method: "POST" })}>Stop</button> : <button>Send</button>}
      </form>
    </main>
  );
}

createRoot(document.getElementById("app") as HTMLElement).render(<App />);
