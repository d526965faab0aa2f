import { useChat } from "@ai-sdk/react";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { Streamdown } from "streamdown";

function App() {
  const { messages, sendMessage } = useChat();
  const [text, setText] = useState("");
  return (
    <main>
      {messages.map(({ id, parts }) => <article key={id}>{parts.map((part, at) => (part.type === "text" ? <Streamdown key={at}>{part.text}</Streamdown> : null))}</article>)}
      <form onSubmit={(event) => (event.preventDefault(), sendMessage({ text }), setText(""))}><input value={text} onChange={(event) => setText(event.target.value)} /><button>Send</button></form>
    </main>
  );
}

createRoot(document.body).render(<App />);
