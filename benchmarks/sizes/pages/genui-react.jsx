import { useState } from "react";
import { createRoot } from "react-dom/client";
import { GenUIMessage, useGenUI } from "../../../genui/static/react.js";

function App() {
  const { messages, send } = useGenUI({ src: "/" });
  const [text, setText] = useState("");
  return (
    <main>
      {messages.map((message) => <article key={message.id}><GenUIMessage message={message} /></article>)}
      <form onSubmit={(event) => (event.preventDefault(), send(text), setText(""))}><input value={text} onChange={(event) => setText(event.target.value)} /><button>Send</button></form>
    </main>
  );
}

createRoot(document.body).render(<App />);
