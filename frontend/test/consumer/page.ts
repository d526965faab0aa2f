/** Somebody's own frontend, in TypeScript: what genui/static declares is right by itself, and says what is wrong. */

import { connect } from "../../../genui/static/client.js";
import { emptyTree, Library, mount, reduce, type Client, type Drawn, type Run } from "../../../genui/static/embed.js";
import { GenUIChat } from "../../../genui/static/genui.js";
import { Chat } from "../../../genui/static/session.js";

const client: Client = connect({ src: "https://host", token: () => "token" });
const tree = emptyTree();
const view = mount(tree, document.body, { library: await Library.load(client) });
const run: Run = client.run([{ role: "user", content: "Will it rain in Lisbon?" }]);
for await (const event of run) {
  if (event.type === "text") event.text satisfies string;
  if (event.type === "run-end") event.reason satisfies "stop" | "length" | "cancelled" | "error";
  view.update(reduce(tree, event));
}

const [drawn]: Drawn[] = await client.render([{ name: "Metric", props: { label: "Nights", value: 3 } }]);
drawn?.html satisfies string | undefined;

const chat = new Chat(client);
chat.subscribe(() => chat.messages.length satisfies number);
await chat.send("Hello");

const element = document.querySelector("genui-chat");
element satisfies GenUIChat | null;
element?.send("Hello") satisfies boolean | undefined;

// @ts-expect-error there is no such role
client.run([{ role: "robot", content: "" }]);
// @ts-expect-error a text is not a list of messages
client.run("Hello");
// @ts-expect-error a component has a name
await client.render([{ props: {} }]);
