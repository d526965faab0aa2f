/** A chat in React with a weather card of its own; every other component is the server's. */

import { useState } from "react";
import type { FormEvent, ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { GenUIMessage, useGenUI } from "../../../genui/static/react.js";
import type { GenUIContext } from "../../../genui/static/react.js";

/** What the model has written so far: while it streams, any prop may be missing. */
interface Weather {
  city?: string;
  temp?: number;
  genui: GenUIContext;
}

function MyWeather({ city = "…", temp, genui }: Weather): ReactNode {
  const [pinned, setPinned] = useState(false);
  return (
    <section className="weather" aria-label={`Weather in ${city}`} data-state={genui.state}>
      <h3>{city}</h3>
      <output>{temp === undefined ? "…" : `${temp}°`}</output>
      <button aria-pressed={pinned} onClick={() => setPinned(!pinned)}>Pin</button>
    </section>
  );
}

function App(): ReactNode {
  const { messages, busy, error, send, stop } = useGenUI({ src: "/" });
  const [question, setQuestion] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void send(question);
    setQuestion("");
  };
  return (
    <main>
      {messages.map((message) => (
        <article key={message.id} aria-label={message.role === "user" ? "You" : "Answer"}>
          <GenUIMessage message={message} components={{ WeatherWidget: MyWeather }} />
        </article>
      ))}
      {error && <p role="alert">{error.message}</p>}
      <form onSubmit={submit}>
        <input aria-label="Message" value={question} onChange={(event) => setQuestion(event.target.value)} />
        {busy ? <button type="button" onClick={() => void stop()}>Stop</button> : <button>Send</button>}
      </form>
    </main>
  );
}

createRoot(document.getElementById("app") as HTMLElement).render(<App />);
