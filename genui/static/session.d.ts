import { Library } from "./genui.js";
import type { Client, MessageTree, TreeNode } from "./genui.js";
/**
 * A conversation without a page: messages that grow, for the binding of a framework or a chat of one's own.
 *
 *     const chat = new Chat(connect({ src }));
 *     chat.subscribe(() => draw(chat.messages));   // a message was added, or the chat is busy or not
 *     await chat.send("Hello");
 *
 * An answer's own growth is told to who watches that message, so that a token does not draw the list anew.
 */
export type Changed = TreeNode | MessageTree | undefined;
export declare class ChatMessage {
    #private;
    readonly id: string;
    readonly role: "user" | "assistant";
    /** What was said, of a user; an answer's is in its tree. */
    readonly content: string;
    readonly tree: MessageTree;
    constructor(chat: Chat, id: string, role: "user" | "assistant", 
    /** What was said, of a user; an answer's is in its tree. */
    content: string);
    /** What the server's widgets in it need. */
    get library(): Promise<Library>;
    /** Hear of each change; returns what ends that. */
    watch(tell: (changed: Changed) => void): () => void;
    /** Do what a reader did with one of its components: it becomes the next turn. */
    act(component: string, action: string, values?: Record<string, unknown>): Promise<void>;
    /** Tell who watches. */
    changed(what: Changed): void;
}
export declare class Chat {
    #private;
    readonly client: Client;
    constructor(client: Client);
    get messages(): readonly ChatMessage[];
    /** An answer is being written; nothing else can be sent, unless it was stopped. */
    get busy(): boolean;
    /** Why the last answer failed. */
    get error(): Error | undefined;
    /** Hear when a message was added, or `busy` or `error` changed; returns what ends that. */
    readonly subscribe: (tell: () => void) => (() => void);
    /** Another number after each change. */
    readonly snapshot: () => number;
    /** What the server can show: asked for once, and again when that failed. */
    library(): Promise<Library>;
    /** Ask, once an answer that was stopped has ended; resolves when all of the answer is there, or it failed (see `error`). */
    readonly send: (text: string) => Promise<void>;
    /** Stop the answer that is running, on the server too; resolves when it has ended. */
    readonly stop: () => Promise<void>;
    /** Do what a reader did with a component; what the server refuses is in `error`. */
    readonly act: (message: ChatMessage, component: string, action: string, values?: Record<string, unknown>) => Promise<void>;
}

export {};
