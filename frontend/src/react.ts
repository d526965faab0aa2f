/**
 * genui in React: a conversation as state, and a message as a component.
 *
 *     const chat = useGenUI({ src: "https://host" });
 *     {chat.messages.map((message) => <GenUIMessage key={message.id} message={message} components={{ WeatherWidget: MyWeather }} />)}
 *
 * The message is mounted as it is anywhere else, and components of the page's own are portals into it: so a
 * token costs React nothing, and growing props draw the one component anew whose props they are. React elements
 * for all of the message would be built and compared again with every token.
 */

import { createElement, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { ComponentType, ReactNode, ReactPortal } from "react";
import { createPortal } from "react-dom";
import { Chat } from "./session.ts";
import type { ChatMessage } from "./session.ts";
import { connect, GenUIWidget, mount } from "./embed.ts";
import type { Client, ComponentNode, ConnectOptions, Draw, Library, Props } from "./embed.ts";

/** What a component is told beside its own props, as `genui`. */
export interface GenUIContext {
  id: string;
  name: string;
  /** `cut`: the answer ended before the component was whole. */
  state: "streaming" | "complete" | "cut";
  /** What the server's loader has brought. */
  data: Props;
  /** Do something that the component declares: it becomes the next turn. */
  act(action: string, values?: Record<string, unknown>): void;
}

/** A component of the page's own gets the model's props, as far as they are written, and `genui`. */
export type GenUIComponent = ComponentType<any>; // each has props of its own

/** What is shown of a message: one of a `Chat`, or what another protocol's client brings in the same form. */
export type GenUIAnswer = Pick<ChatMessage, "role" | "content" | "tree" | "library" | "watch" | "act">;

export interface GenUIMessageProps {
  message: GenUIAnswer;
  /** Components of the page's own, by the names that the catalog gives them. */
  components?: { readonly [name: string]: GenUIComponent };
  className?: string;
}

export interface UseGenUI {
  readonly messages: readonly ChatMessage[];
  /** An answer is being written. */
  readonly busy: boolean;
  readonly error: Error | undefined;
  send(text: string): Promise<void>;
  stop(): Promise<void>;
}

/** A conversation with a server, in which widgets carry props and HTML. It belongs to the component, and the answer that runs ends with it. */
export function useGenUI(options: ConnectOptions | { client: Client }): UseGenUI {
  const [chat] = useState(() => new Chat("client" in options ? options.client : connect({ render: "both", ...options })));
  useSyncExternalStore(chat.subscribe, chat.snapshot, chat.snapshot);
  useEffect(() => () => void chat.stop(), [chat]);
  const { messages, busy, error, send, stop } = chat;
  return { messages, busy, error, send, stop };
}

/** One place on the page where a component of the page's own stands. */
interface Place {
  node: ComponentNode;
  host: HTMLElement;
  inside: HTMLElement;
  changed: Set<() => void>;
  /** Counts up with each change: nodes grow in place, and React looks for another value. */
  version: number;
}

export function GenUIMessage({ message, components = {}, className }: GenUIMessageProps): ReactNode {
  const element = useRef<HTMLDivElement>(null);
  const [places, setPlaces] = useState<readonly Place[]>([]);
  const known = useRef(components);
  known.current = components;
  const names = Object.keys(components).sort().join(" ");
  useEffect(() => {
    if (message.role !== "assistant" || !element.current) return undefined;
    const own = Object.fromEntries(names.split(" ").filter(Boolean).map((name) => [name, placing(setPlaces)]));
    return shown(message, element.current, own);
  }, [message, names]);
  const drawn: ReactPortal[] = places.map((place) => createPortal(createElement(Standing, { key: place.node.id, place, message, components: known.current }), place.host, place.node.id));
  return createElement("div", { className, "data-role": message.role }, message.role === "user" ? message.content : createElement("div", { ref: element }), drawn);
}

/** Mount a message with what it has, and follow it. Returns what takes it off the page. */
function shown(message: GenUIAnswer, element: HTMLElement, components: { [name: string]: Draw }): () => void {
  let gone = false;
  let leave = (): void => undefined;
  const begin = (library: Library | undefined): void => {
    if (gone) return;
    const mounted = mount(message.tree, element, { components, ...(library ? { library } : {}) });
    const off = message.watch((changed) => mounted.update(changed));
    leave = () => (off(), mounted.destroy());
  };
  const act = (event: Event): void => acted(event as CustomEvent<Action>, message);
  element.addEventListener("genui-action", act);
  message.library.then(begin, () => begin(undefined));
  return () => ((gone = true), element.removeEventListener("genui-action", act), leave());
}

interface Action {
  action: string;
  values?: Record<string, unknown>;
}

/** Do what a widget of the server's asks for, unless the page has kept it back. */
function acted(event: CustomEvent<Action>, message: GenUIAnswer): void {
  const widget = event.composedPath().find((target) => target instanceof GenUIWidget);
  if (!widget || event.defaultPrevented) return;
  void message.act(widget.component, event.detail.action, event.detail.values ?? {});
}

/** Draws a component by keeping a place for it, into which React draws. */
function placing(set: (change: (places: readonly Place[]) => readonly Place[]) => void): Draw {
  return (host, node, inside) => {
    const place: Place = { node, host, inside, changed: new Set(), version: 0 };
    set((places) => [...places, place]);
    return {
      update: () => ((place.version += 1), place.changed.forEach((tell) => tell())),
      destroy: () => set((places) => places.filter((one) => one !== place)),
    };
  };
}

function Standing({ place, message, components }: { place: Place; message: GenUIAnswer; components: { readonly [name: string]: GenUIComponent } }): ReactNode {
  const subscribe = useMemo(() => (tell: () => void) => (place.changed.add(tell), () => void place.changed.delete(tell)), [place]);
  useSyncExternalStore(subscribe, () => place.version, () => place.version);
  const { node } = place;
  const component = components[node.name];
  if (!component) return null;
  const genui: GenUIContext = {
    id: node.id,
    name: node.name,
    state: node.state === "streaming" && node.over ? "cut" : node.state,
    data: node.data,
    act: (action, values = {}) => void message.act(node.id, action, values),
  };
  return createElement(component, { ...node.props, genui }, createElement(Inside, { place }));
}

/** Where the component's own text and components stand: `children`, wherever the component puts them. */
function Inside({ place }: { place: Place }): ReactNode {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => element.current?.append(place.inside), [place]);
  return createElement("div", { ref: element, style: { display: "contents" } });
}
