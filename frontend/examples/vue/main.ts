/** A chat in Vue with a weather card of its own; every other component is the server's. */

import { createApp, defineComponent, h, onUnmounted, reactive, render, shallowRef } from "vue";
import { Chat } from "../../../genui/static/session.js";
import type { ChatMessage } from "../../../genui/static/session.js";
import { connect, mount } from "../../../genui/static/embed.js";
import type { Draw, Mounted } from "../../../genui/static/embed.js";

const MyWeather = defineComponent({
  props: { city: { type: String, default: "…" }, temp: Number, state: String },
  setup: (props) => () =>
    h("section", { class: "weather", "aria-label": `Weather in ${props.city}`, "data-state": props.state }, [h("h3", props.city), h("output", props.temp === undefined ? "…" : `${props.temp}°`)]),
});

/** A Vue component in a message: drawn again, in place, when its props have grown. */
const drawWeather: Draw = (host, node) => {
  const show = (): void => render(h(MyWeather, { ...node.props, state: node.state }), host);
  show();
  return { update: show, destroy: () => render(null, host) };
};

const Answer = defineComponent({
  props: { message: { type: Object as () => ChatMessage, required: true } },
  setup({ message }) {
    let mounted: Mounted | undefined;
    const off = message.watch((changed) => mounted?.update(changed));
    const begin = async (element: unknown): Promise<void> => {
      if (!(element instanceof HTMLElement) || element.dataset["begun"]) return;
      element.dataset["begun"] = "";
      const library = await message.library;
      mounted = mount(message.tree, element, { library, components: { WeatherWidget: drawWeather } });
    };
    onUnmounted(() => (off(), mounted?.destroy()));
    return () => h("div", { ref: (element) => void begin(element) });
  },
});

createApp({
  setup() {
    const chat = new Chat(connect({ src: "/", render: "both" }));
    const messages = shallowRef(chat.messages);
    const page = reactive({ question: "", busy: false, error: "" });
    const refresh = (): void => {
      messages.value = chat.messages;
      Object.assign(page, { busy: chat.busy, error: chat.error?.message ?? "" });
    };
    onUnmounted(chat.subscribe(refresh));
    const submit = (event: Event): void => {
      event.preventDefault();
      void chat.send(page.question);
      page.question = "";
    };
    const turn = (message: ChatMessage) =>
      message.role === "user" ? h("article", { key: message.id, "aria-label": "You" }, message.content) : h("article", { key: message.id, "aria-label": "Answer" }, h(Answer, { message }));
    return () =>
      h("main", [
        messages.value.map(turn),
        page.error ? h("p", { role: "alert" }, page.error) : undefined,
        h("form", { onSubmit: submit }, [
          h("input", { "aria-label": "Message", value: page.question, onInput: (event: Event) => (page.question = (event.target as HTMLInputElement).value) }),
          page.busy ? h("button", { type: "button", onClick: () => void chat.stop() }, "Stop") : h("button", "Send"),
        ]),
      ]);
  },
}).mount("#app");
