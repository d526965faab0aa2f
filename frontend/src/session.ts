/**
 * A conversation without a page: messages that grow, for the binding of a framework or a chat of one's own.
 *
 *     const chat = new Chat(connect({ src }));
 *     chat.subscribe(() => draw(chat.messages));   // a message was added, or the chat is busy or not
 *     await chat.send("Hello");
 *
 * An answer's own growth is told to who watches that message, so that a token does not draw the list anew.
 */

import { emptyTree, GenUIError, Library, plainText, reduce } from "./embed.ts";
import type { Acted, Client, Message, MessageTree, Run, TreeNode } from "./embed.ts";

export type Changed = TreeNode | MessageTree | undefined;

export class ChatMessage {
  readonly tree: MessageTree = emptyTree();
  readonly #watchers = new Set<(changed: Changed) => void>();
  readonly #chat: Chat;

  constructor(
    chat: Chat,
    readonly id: string,
    readonly role: "user" | "assistant",
    /** What was said, of a user; an answer's is in its tree. */
    readonly content: string,
  ) {
    this.#chat = chat;
  }

  /** What the server's widgets in it need. */
  get library(): Promise<Library> {
    return this.#chat.library();
  }

  /** Hear of each change; returns what ends that. */
  watch(tell: (changed: Changed) => void): () => void {
    this.#watchers.add(tell);
    return () => void this.#watchers.delete(tell);
  }

  /** Do what a reader did with one of its components: it becomes the next turn. */
  act(component: string, action: string, values: Record<string, unknown> = {}): Promise<void> {
    return this.#chat.act(this, component, action, values);
  }

  /** Tell who watches. */
  changed(what: Changed): void {
    for (const tell of this.#watchers) tell(what);
  }
}

export class Chat {
  readonly client: Client;
  readonly #listeners = new Set<() => void>();
  #messages: readonly ChatMessage[] = [];
  #busy = false;
  #error: Error | undefined;
  #run: Run | undefined;
  #answered: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #library: Promise<Library> | undefined;
  #thread: string | undefined;
  #version = 0;

  constructor(client: Client) {
    this.client = client;
  }

  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** An answer is being written; nothing else can be sent, unless it was stopped. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Why the last answer failed. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Hear when a message was added, or `busy` or `error` changed; returns what ends that. */
  readonly subscribe = (tell: () => void): (() => void) => {
    this.#listeners.add(tell);
    return () => void this.#listeners.delete(tell);
  };

  /** Another number after each change. */
  readonly snapshot = (): number => this.#version;

  /** What the server can show: asked for once, and again when that failed. */
  library(): Promise<Library> {
    this.#library ??= Library.load(this.client).catch((error: unknown) => {
      this.#library = undefined;
      throw error;
    });
    return this.#library;
  }

  /** Ask, once an answer that was stopped has ended; resolves when all of the answer is there, or it failed (see `error`). */
  readonly send = async (text: string): Promise<void> => {
    if (this.#stopping) await this.#stopping;
    if (this.#busy) return;
    const earlier = this.#told();
    this.#add("user", text);
    const said: Message[] = [{ role: "user", content: text }];
    const options = this.#thread ? { thread: this.#thread, earlier } : {};
    await this.#answer(this.client.run(this.#thread ? said : [...earlier, ...said], options));
  };

  /** Stop the answer that is running, on the server too; resolves when it has ended. */
  readonly stop = (): Promise<void> => (this.#stopping ??= this.#stop());

  /** Do what a reader did with a component; what the server refuses is in `error`. */
  readonly act = async (message: ChatMessage, component: string, action: string, values: Record<string, unknown> = {}): Promise<void> => {
    if (this.#busy) return;
    this.#set({ busy: true, error: undefined });
    try {
      const acted: Acted = await this.client.act({ run: message.tree.run, component, action, values });
      this.#add("user", acted.message.content);
      await this.#answer(acted.run);
    } catch (error) {
      this.#set({ busy: false, error: asError(error) });
    }
  };

  async #stop(): Promise<void> {
    await this.#run?.cancel().then(() => this.#answered, () => undefined); // it may have ended in this very moment
    this.#stopping = undefined;
  }

  #answer(run: Run): Promise<void> {
    return (this.#answered = this.#follow(run));
  }

  async #follow(run: Run): Promise<void> {
    const answer = this.#add("assistant", "");
    const { tree } = answer;
    this.#run = run;
    this.#set({ busy: true, error: undefined });
    try {
      for await (const event of run) {
        answer.changed(reduce(tree, event));
        if (event.type === "answer-end") this.#set({ busy: false });
      }
      this.#ended(tree);
    } catch (error) {
      this.#set({ error: asError(error) });
    } finally {
      this.#lost(answer);
      this.#set({ busy: false });
    }
  }

  #ended({ thread, end }: MessageTree): void {
    this.#thread = thread || this.#thread;
    if (end?.error) this.#set({ error: new GenUIError(end.error.code, end.error.message) });
  }

  /** A run that was lost has no end of its own: what watches it waits for nothing more. */
  #lost(answer: ChatMessage): void {
    if (!answer.tree.end) answer.changed(reduce(answer.tree, { type: "run-end", reason: "cancelled" }));
  }

  /** What was said so far, as the model reads it. */
  #told(): Message[] {
    const told = this.#messages.map(({ role, content, tree }) => ({ role, content: role === "user" ? content : plainText(tree.children) }));
    return told.filter(({ content }) => content.trim() !== "");
  }

  #add(role: "user" | "assistant", content: string): ChatMessage {
    const message = new ChatMessage(this, `m${this.#messages.length + 1}`, role, content);
    this.#messages = [...this.#messages, message];
    this.#set({});
    return message;
  }

  #set({ busy = this.#busy, ...rest }: { busy?: boolean; error?: Error | undefined }): void {
    this.#busy = busy;
    if ("error" in rest) this.#error = rest.error;
    this.#version += 1;
    for (const tell of this.#listeners) tell();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
