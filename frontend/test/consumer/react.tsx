/** The same in React. */

import { GenUIMessage, useGenUI } from "../../../genui/static/react.js";

export function Conversation() {
  const { messages, busy, send } = useGenUI({ src: "/" });
  return (
    <main aria-busy={busy} onClick={() => void send("Hello")}>
      {messages.map((message) => (
        <GenUIMessage key={message.id} message={message} />
      ))}
    </main>
  );
}
