import type { ComponentType, ReactNode } from "react";
import type { ChatMessage } from "./session.js";
import type { Client, ConnectOptions, Props } from "./genui.js";
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
export type GenUIComponent = ComponentType<any>;
/** What is shown of a message: one of a `Chat`, or what another protocol's client brings in the same form. */
export type GenUIAnswer = Pick<ChatMessage, "role" | "content" | "tree" | "library" | "watch" | "act">;
export interface GenUIMessageProps {
    message: GenUIAnswer;
    /** Components of the page's own, by the names that the catalog gives them. */
    components?: {
        readonly [name: string]: GenUIComponent;
    };
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
export declare function useGenUI(options: ConnectOptions | {
    client: Client;
}): UseGenUI;
export declare function GenUIMessage({ message, components, className }: GenUIMessageProps): ReactNode;

export {};
