/** The events of protocol `genui/1`, as they arrive: genui/events.py is the truth, docs/protocol.md says it in words. */
export type Json = null | boolean | number | string | Json[] | {
    [key: string]: Json;
};
export type Props = {
    [key: string]: Json;
};
/** One change to a component's props or data; `path` is a JSON Pointer (RFC 6901). */
export interface Op {
    op: "set" | "append" | "push";
    path: string;
    value: Json;
}
export interface Failure {
    code: string;
    message: string;
}
export type Activity = "running" | "done" | "failed";
export type Reason = "stop" | "length" | "cancelled" | "error";
export interface RunStart {
    type: "run-start";
    run: string;
    thread: string;
    protocol: string;
}
export interface Status {
    type: "status";
    id: string;
    label: string;
    state: Activity;
    /** How long it took, when it is over. */
    seconds?: number;
    /** Why it failed, in words for people. */
    reason?: string;
}
/** What the model thinks, to append to what it thought under the status `id`. */
export interface Thought {
    type: "thought";
    id: string;
    text: string;
}
export interface Text {
    type: "text";
    text: string;
    parent?: string;
}
export interface RenderComponent {
    type: "render-component";
    id: string;
    name: string;
    state: "streaming" | "complete";
    props: Props;
    parent?: string;
    html?: string;
    /** The widget in plain words, once its attributes are whole. */
    alt?: string;
    warnings?: string[];
}
export interface ComponentDelta {
    type: "component-delta";
    id: string;
    ops: Op[];
}
export interface ComponentData {
    type: "component-data";
    id: string;
    ops: Op[];
    html?: string;
    alt?: string;
}
export interface ComponentError {
    type: "component-error";
    id?: string;
    name: string;
    code: string;
    message: string;
    source: string;
}
/** Errors after which a component stands, with what the model wrote: only its data does not come. */
export declare const LOAD_ERRORS: ReadonlySet<string>;
export interface AnswerEnd {
    type: "answer-end";
}
export interface RunEnd {
    type: "run-end";
    reason: Reason;
    error?: Failure;
    usage?: Record<string, number>;
}
export type GenUIEvent = RunStart | Status | Thought | Text | RenderComponent | ComponentDelta | ComponentData | ComponentError | AnswerEnd | RunEnd;
/** An event and its place in its run: 1 for the first, rising by one. */
export type Sequenced = GenUIEvent & {
    seq: number;
};

/**
 * The client: `connect({src}).run(messages)` is an async iterable of a run's events, in order and each once.
 *
 *     for await (const event of connect({ src }).run([{ role: "user", content: "Hello" }])) …
 *
 * A run lives on the server and belongs to no connection. So when a connection drops, or says nothing for
 * longer than three heartbeats, the client follows the run from the last event it has seen; only the very
 * first request, before `run-start`, cannot be resumed. Events are read when they are asked for: a loop that
 * is slow slows the server's sending down, and one that is left (`break`) closes the connection.
 */
export interface Message {
    role: "user" | "assistant" | "system";
    content: string;
}
/** A component as GET /v1/components describes it. */
export interface Definition {
    name: string;
    folder: string;
    description: string;
    inline: boolean;
    children: boolean;
    min_height: number;
    loads: boolean;
    /** The prop that holds what the reader enters, where it is an input. */
    bind?: string | null;
    /** The props that its script follows by itself. */
    live?: string[];
    /** Whether it comes with genui. */
    builtin: boolean;
    props: Props;
    style: string;
    script: string | null;
    examples: string[];
}
export interface Description {
    components: Definition[];
    starters: string[];
    model: {
        name: string;
        demo: boolean;
    };
    /** Other origins that pictures may load from. */
    image_origins: string[];
}
/** What widgets carry: props for components of your own, HTML for the server's, or both. */
export type Render = "props" | "html" | "both";
/** A value, or what gives it: asked for with each request, so that one that has expired is replaced. */
export type Fresh<T> = T | (() => T | Promise<T>);
export interface ConnectOptions {
    /** Where the server is: the URL that `v1/` and `components/` stand under. On a page, relative to it. */
    src: string | URL;
    /** Sent with every request. */
    headers?: Fresh<Record<string, string>>;
    /** Sent with every request as `Authorization: Bearer …`. */
    token?: Fresh<string | undefined>;
    /** What widgets carry where a run does not say; `html` by default. */
    render?: Render;
    /** In place of the browser's own. */
    fetch?: typeof fetch;
    /** Milliseconds before the first attempt to reconnect; doubles with each that brings nothing. */
    backoff?: number;
    /** Milliseconds of silence after which a connection counts as broken (the server's heartbeat is 15 s). */
    silence?: number;
}
export interface RunOptions {
    thread?: string | undefined;
    /** The run after whose answer this is said, in place of what followed there; `"start"`: first of all. */
    afterRun?: string;
    /** All that was said in the thread before, be it nothing: sent along only when the server has forgotten the thread, or that answer. */
    earlier?: readonly Message[];
    /** What this run's widgets carry; by default what `connect` was told. */
    render?: Render;
    /** Aborting cancels the run on the server too, and ends the iteration. */
    signal?: AbortSignal;
    /** Called with the number of the attempt when the connection is lost, and with 0 when it is back. */
    onReconnect?: (attempt: number) => void;
}
export interface FollowOptions extends RunOptions {
    /** The number of the last event that is already known; 0 by default, for all of them. */
    after?: number;
}
/** One answer. Nothing is asked of the server before the first event is; it can be iterated once. */
export interface Run extends AsyncIterable<Sequenced> {
    /** Ask the server to stop; the run's last event then has the reason `cancelled`. */
    cancel(): Promise<void>;
}
/** A component to be drawn by itself. */
export interface Drawing {
    name: string;
    props: Props;
    data?: Props;
    /** `streaming` draws one of which some props are still missing; `complete` by default. */
    state?: "streaming" | "complete";
}
/** What it came to: `html`, or why there is none. */
export interface Drawn {
    html?: string;
    error?: {
        code: string;
        message: string;
    };
}
/** What a reader did with a component that a run has rendered. */
export interface Act {
    run: string;
    component: string;
    action: string;
    values: Record<string, unknown>;
}
/** A tool that the MCP App in a component calls. */
export interface Call {
    run: string;
    component: string;
    tool: string;
    arguments: unknown;
    /** The reader was asked the `question` that came before. */
    confirmed: boolean;
}
/** What it answered, as MCP has it; or what the reader is to be asked before it is called. */
export interface Called {
    result?: object;
    question?: string;
}
/** An action that was accepted: the message that it has become, and the run that answers it. */
export interface Acted {
    message: Message;
    /** It cannot be done again. */
    once: boolean;
    run: Run;
}
/** A message as a thread keeps it. An assistant's has the few events that show the same as all of its run's did. */
export interface ThreadMessage {
    role: "user" | "assistant";
    content: string;
    run?: string;
    /** How the run ended, or that it still runs: then `follow` it, after the events here. */
    state?: Reason | "running";
    error?: Failure;
    events?: GenUIEvent[];
    /** What was done with a widget; `once`: it cannot be done again. */
    action?: Act & {
        once?: boolean;
    };
}
export interface Thread {
    thread: string;
    messages: ThreadMessage[];
}
/** Each method raises GenUIError: at once, or from the iteration of the run that it returns. */
export interface Client {
    readonly base: URL;
    /** The components, what to ask, and which model answers. */
    describe(): Promise<Description>;
    /** Ask: the whole conversation, or in a thread that the server knows just the next message. */
    run(messages: readonly Message[], options?: RunOptions): Run;
    /** A run that is known by its id, from its first event or from any other. */
    follow(run: string, options?: FollowOptions): Run;
    /** Components drawn by themselves, from props and data that are given. */
    render(components: readonly Drawing[]): Promise<Drawn[]>;
    /** The events of a text that some model has written already. */
    recognize(text: string, options?: RunOptions): Run;
    /** Do what a reader did with a widget. */
    act(act: Act, options?: RunOptions): Promise<Acted>;
    /** Answer what a running answer asks: no new run begins. */
    reply(act: Act): Promise<void>;
    /** Call a tool for an MCP App. */
    call(call: Call): Promise<Called>;
    /** A conversation, ready to render again. */
    thread(id: string, options?: {
        render?: Render;
    }): Promise<Thread>;
}
export declare function connect(options: ConnectOptions): Client;
/** A value as it is now. */
export declare function fresh<T>(value: Fresh<T>): T | Promise<T>;

/**
 * Events in, a message tree out.
 *
 * The tree is grown in place, and `reduce` returns what an event has touched: one node, or the message
 * itself. A view brings just that up to date, so the work for a token does not grow with the length of the
 * answer. A reducer that returned a new tree instead would copy every list on the way for each token.
 */
export interface TextNode {
    kind: "text";
    parent: ComponentNode | undefined;
    /** Markdown, piece by piece as it came: joined only when somebody needs the whole. */
    pieces: string[];
}
export interface StatusNode {
    kind: "status";
    parent: undefined;
    id: string;
    label: string;
    state: Activity;
    /** How long it took, when it is over. */
    seconds: number | undefined;
    /** Why it failed. */
    reason: string | undefined;
    /** What the model thinks meanwhile, piece by piece, where one may read it. */
    thoughts: string[];
}
export interface ComponentNode {
    kind: "component";
    id: string;
    /** The run that it stands in. */
    run: string;
    name: string;
    parent: ComponentNode | undefined;
    state: "streaming" | "complete";
    props: Props;
    data: Props;
    html: string | undefined;
    /** It in plain words, for ears and for the clipboard. */
    alt: string | undefined;
    error: ComponentError | undefined;
    /** The run is over: what has not come, of the component itself or its data, does not come any more. */
    over: boolean;
    /** Data has come, or will not. */
    loaded: boolean;
    /** Why no data came, though the component stands. */
    note: string | undefined;
    warnings: string[];
    children: TreeNode[];
}
export type TreeNode = TextNode | StatusNode | ComponentNode;
export interface MessageTree {
    kind: "message";
    run: string;
    thread: string;
    children: TreeNode[];
    components: Map<string, ComponentNode>;
    statuses: Map<string, StatusNode>;
    /** All is said, though data may still come. */
    settled: boolean;
    end: RunEnd | undefined;
}
export declare function emptyTree(): MessageTree;
/** Take one event in. Returns what is new or has changed, if anything. Events of no known type are ignored. */
export declare function reduce(tree: MessageTree, event: GenUIEvent): TreeNode | MessageTree | undefined;
/** All the Markdown under these nodes, without what components show: what the model wrote as prose. */
export declare function plainText(nodes: readonly TreeNode[]): string;

/**
 * What the interface says, in the reader's language.
 *
 * A text is its own key, in English, as in gettext: a page in English loads no translation, and the code can
 * be read. Translations are a bundle of their own (`locales.ts`), and `strings` of the element goes over both.
 */
/** A translation, or one for each plural form that its language has (https://www.unicode.org/reports/tr35/tr35-numbers.html#Language_Plural_Rules). */
export type Translation = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;
/** English texts and what they are in another language. */
export type Strings = Readonly<Record<string, Translation>>;
type Values = Readonly<Record<string, string | number>>;
/** Says an English text in the reader's language; `{name}` in it stands for a value. */
export interface Words {
    (text: string, values?: Values): string;
    readonly locale: string | undefined;
    /** Another language, and where its texts stand: whoever has these words says the next thing in it. */
    speak(locale: string | undefined, ...tables: (Strings | undefined)[]): void;
}
/** The words of a language. `count` among the values chooses the plural form; numbers are written as the locale does. */
export declare function wordsOf(locale?: string, ...tables: (Strings | undefined)[]): Words;
/** English, as it stands in the code. */
export declare const english: Words;
export {};

/**
 * A component of the page's own, in place of the one that the server renders.
 *
 *     mount(tree, element, { components: { WeatherWidget: (host, node) => ({ update() { host.textContent = node.props.city; } }) } });
 */
/** What stands for a component node on the page: a `<genui-widget>`, or a component of the page's own. */
export interface Standing {
    /** What takes the component's place. */
    readonly element: HTMLElement;
    /** What its children stand in. */
    readonly inside: HTMLElement;
    /** Bring it up to date with its node. */
    show(node: ComponentNode): void;
    /** Nothing more is written. */
    settle(): void;
    /** The run is over: no data comes any more. */
    finish(): void;
    /** It leaves the page. */
    destroy(): void;
}
export interface View {
    /** The node has changed: its props have grown, it is complete, data has come, it has failed. */
    update?(node: ComponentNode): void;
    /** The message leaves the page. */
    destroy?(): void;
}
/**
 * Draws a component into `host` and says how to bring it up to date; called once, with the first that is
 * known of the node. `children` is an element in which the component's own text and components come to
 * stand: put it where they belong, or nowhere.
 */
export type Draw = (host: HTMLElement, node: ComponentNode, children: HTMLElement) => View | undefined | void;
/** A drawing function; with `inline` for a component that stands in a line of text. */
export type CustomComponent = Draw | {
    draw: Draw;
    inline?: boolean;
};
export declare class Custom implements Standing {
    #private;
    readonly element: HTMLElement;
    readonly inside: HTMLElement;
    constructor(name: string, draw: Draw, inline: boolean, words: Words);
    show(node: ComponentNode): void;
    /** A component that was cut off stays as it is, and is told. */
    settle(): void;
    finish(): void;
    destroy(): void;
}

/** What elements of ours extend; where there is no page (a server that renders one) they are never made. */
export declare const PageElement: {
    new (): HTMLElement;
    prototype: HTMLElement;
};

/** The element's attributes as properties: `element.placeholder = "Ask"` is `placeholder="Ask"`. */
/** Attributes with a text. */
declare const TEXTS: readonly ["src", "theme", "locale", "height", "placeholder", "heading", "welcome", "thread", "persist", "mode", "speech", "image-origins"];
/** Attributes whose change the element has to hear of. */
export declare const OBSERVED: readonly string[];
type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Tail>}` : Name;
export type Texts = {
    [attribute in (typeof TEXTS)[number] as Camel<attribute>]: string | null;
};
export declare function reflect(prototype: HTMLElement): void;
export declare function directionOf(locale: string): "rtl" | "ltr";
/** A language tag that the browser knows, or undefined. */
export declare function known(locale: string | null | undefined): string | undefined;
export {};

/**
 * `<genui-chat src="https://host">`: a whole chat in one element, style sheets and all in its own shadow root.
 *
 * docs/embedding.md lists its attributes, properties, methods, events, slots, parts and custom properties; a
 * test holds that list to this file. What few pages need is loaded when it is needed: translations, the
 * floating panel, speech.
 *
 * A `genui-action` event out of a widget, with `detail: {action, values}`, is sent to the server, which makes
 * the next message of it; what it refuses is said at the widget. `preventDefault()` keeps it from being sent.
 */
export interface GenUIChat extends Texts {
    /** In the floating mode: whether the panel is open. */
    open: boolean;
}
export declare class GenUIChat extends PageElement {
    #private;
    static readonly observedAttributes: readonly string[];
    /** Components of the page's own, by name, in place of the server's. Set before the first answer. */
    components: {
        readonly [name: string]: CustomComponent;
    };
    /** Sent with every request; a function is asked each time. */
    headers: Fresh<Record<string, string>>;
    constructor();
    connectedCallback(): void;
    disconnectedCallback(): void;
    attributeChangedCallback(name: string): void;
    /** What the server is asked with, as `Authorization: Bearer …`; a function is asked each time. */
    get token(): Fresh<string | undefined>;
    set token(token: Fresh<string | undefined>);
    /** What may be asked first; those of the server by default. */
    get starters(): readonly string[];
    set starters(starters: readonly string[]);
    /** Texts of the interface in place of its own, by what they are in English. */
    get strings(): Strings;
    set strings(strings: Strings);
    /** The thread that the conversation stands in, once the server has named it. */
    get conversation(): string | undefined;
    focus(options?: FocusOptions): void;
    /** Ask something, as if the reader had written it, as soon as that can be; while an answer runs, nothing happens. Whether it was taken. */
    send(text: string): boolean;
    /** Stop the answer that is running, on the server too. */
    stop(): void;
    /** Ask the server again what it can show, and draw the widgets that stand anew: components have changed. */
    refresh(): Promise<void>;
    /** Begin a new conversation. */
    reset(): void;
}
/** Make the element known to the page; safe to call again, and when another copy has done it. */
export declare function defineChat(): void;
declare global {
    interface HTMLElementTagNameMap {
        "genui-chat": GenUIChat;
    }
}

/**
 * What the server refused, what failed on the way, or what a run ended with.
 * `code` is stable and for programs: the server's own codes, and here `network` (nothing came back),
 * `lost` (the connection broke and would not come again) and `protocol` (an answer that is not genui/1).
 */
export declare class GenUIError extends Error {
    readonly code: string;
    /** HTTP status, or 0 when no answer came. */
    readonly status: number;
    constructor(code: string, message: string, status?: number, cause?: unknown);
}
/** The error in an HTTP answer: `{"error":{"code","message"}}`, or what its status says when a proxy wrote it. */
export declare function fromResponse(response: Response): Promise<GenUIError>;

/**
 * Markdown and morphing, in bundles of their own: a page that shows neither never loads them.
 *
 * `mount` asks for both at once, so that they come while the model still thinks. Whoever needs one before
 * it is there waits with what it has: text that stood as plain text first and as Markdown after would
 * flicker. When a bundle cannot be had, what it would have drawn is shown plainly, and nothing is lost.
 */
export declare class Lazy<T> {
    #private;
    /** What was loaded; null when that failed. */
    value: T | null | undefined;
    constructor(load: () => Promise<T>);
    /** Resolves when `value` is decided; never rejects. */
    ready(): Promise<void>;
}
export declare const markdown: Lazy<unknown>;
export declare const morphing: Lazy<unknown>;
export declare const activities: Lazy<unknown>;
/** Load what drawing needs before there is something to draw. */
export declare function preload(): Promise<void>;

/**
 * The one policy for URLs that a model wrote, in its text and in its widgets.
 *
 * Links may go to the web, a mailbox, a telephone or a place on this site; anything else is shown as text.
 * Images and films load by themselves, so their URL can carry what a conversation said to whoever owns the
 * host (the classic leak of prompt injection): they come from the page's origin, from the server's, from
 * origins that somebody named, or from inside the text. Any other image in a text becomes a link that a
 * person may choose to follow. The server draws widgets by the same rule (`media_url`), and what it drew is
 * held to this one once more, for a page may name fewer origins than its server.
 */
/** The URL to link to, or undefined when it must stay text. `base` resolves relative ones. */
export declare function linkUrl(written: string, base?: string): string | undefined;
/** Where images and films may load from. */
export declare class Images {
    #private;
    /** `base` resolves relative URLs, and is one of the places; `origins` are others, "*" any that speaks HTTP. */
    constructor(base: string | URL, origins?: Iterable<string>);
    /** The URL to load from, or undefined when it may not load by itself. */
    url(written: string): string | undefined;
    /** Let nothing in a component's HTML load from elsewhere; what is relative is relative to the server. */
    hold(content: DocumentFragment): void;
}

/** What drawing needs: the components that a server describes, with what widgets of one kind share (a style sheet
    and a script), where pictures may load from, and the words of the interface. */
/** What a component's script may return. */
export interface Behavior {
    update?(): void;
    destroy?(): void;
}
export interface WidgetModule {
    default(root: ShadowRoot, host: HTMLElement): Behavior | undefined;
}
export interface Kit {
    name: string;
    inline: boolean;
    minHeight: number;
    /** The server brings data for it. */
    loads: boolean;
    /** The prop that holds what the reader enters. */
    bind: string | undefined;
    /** The props that its script follows, so that nothing need be drawn. */
    live: readonly string[];
    style: CSSStyleSheet | undefined;
    /** Where its script is; another address when the script has changed. */
    address: string | undefined;
    script: (() => Promise<WidgetModule>) | undefined;
    library: Library;
}
export interface LibraryOptions {
    images?: Images;
    /** Draws what is bound, and calls what apps call; by default without a token or headers. */
    client?: Client;
}
export declare class Library {
    #private;
    /** Where pictures may load from. */
    readonly images: Images;
    readonly client: Client;
    words: Words;
    /** What a server describes. Raises GenUIError. */
    static load(client: Client): Promise<Library>;
    /** `base` is what the definitions' script paths are relative to. */
    constructor(definitions: readonly Definition[], base: URL, { images, client }?: LibraryOptions);
    /** Components have changed: what widgets share changes in place, so that those that stand follow. */
    update(definitions: readonly Definition[]): void;
    /** What a widget of this name needs. A name that was not described gets a plain block. */
    kit(name: string): Kit;
    /** What keeps the state of messages: loaded when one first has something bound. */
    state(): Promise<unknown>;
}

/**
 * A message tree onto a page. Everything is appended in order and nothing that stands is rebuilt.
 *
 *     const mounted = mount(tree, element, { library, components });
 *     for await (const event of run) mounted.update(reduce(tree, event));
 *
 * `library` brings the server's own widgets; `components` are the page's, and win.
 */
export interface MountOptions {
    /** What the server's widgets need: `await Library.load(client)`. Without it only the page's own are shown. */
    library?: Library;
    /** Components of the page's own, by their names; they take the place of the server's. */
    components?: {
        readonly [name: string]: CustomComponent;
    };
}
export interface Mounted {
    /** Show what `reduce` returned. */
    update(changed: TreeNode | MessageTree | undefined): void;
    /** All is said: close what is open. Data may still come. `update` does it at the event that says so. */
    settle(): void;
    /** Nothing more comes. `update` does it at the run's end; a run that was lost has none. */
    end(): void;
    /** Take the message off the page. */
    destroy(): void;
}
export declare function mount(tree: MessageTree, element: HTMLElement, options?: MountOptions): Mounted;
/** The look of messages, for a shadow root that mounts them. */
export declare const messageStyles: string;

/**
 * `<genui-widget>`: one component. Its template's HTML stands in a shadow root, its children in the light DOM.
 *
 * Attributes, for style sheets and scripts: `name`, `streaming` until it is sealed, `loading` until the server
 * has brought its data, `inline`, `failed`.
 * A component's script is called as `default(root, host)` after the first drawing; what it returns may have
 * `update()`, called after each later one, and `destroy()`, called when the widget leaves the page.
 */
export declare class GenUIWidget extends PageElement implements Standing {
    #private;
    readonly element: this;
    readonly inside: this;
    /** What kind of component it is. */
    kit: Kit | undefined;
    /** Its run, and its id in that. */
    run: string;
    component: string;
    /** The props as far as they are known to the page (in full once the widget is complete). */
    props: Props;
    /** What the reader has entered, where the message keeps it. */
    value: Json | undefined;
    /** Say what kind of component this is; once, before it is shown. */
    equip(kit: Kit): this;
    /** Bring the widget up to date with its node. */
    show(node: ComponentNode): void;
    /** Its props or its value have changed, and the script shows that by itself. */
    refresh(): void;
    /** Nothing more comes: give the reserved room back. */
    settle(): void;
    /** The run is over: no data comes any more. */
    finish(): void;
    /** Say below the widget what could not be done with it; nothing takes it back. */
    say(words?: string): void;
    /** Let nobody use its controls, nor those of the widgets in it. Returns what undoes that. */
    lock(): () => void;
    connectedCallback(): void;
    /** Take it off the page. */
    destroy(): void;
    disconnectedCallback(): void;
}
/** Make the element known to the page; safe to call again, and when another copy has done it. */
export declare function defineWidget(): void;
declare global {
    interface HTMLElementTagNameMap {
        "genui-widget": GenUIWidget;
    }
}

/** The public face for those who build their own page: client, reducer, mounting. */

/** genui.js: defines `<genui-chat>` and `<genui-widget>`, and exports what they are made of. */

export {};
