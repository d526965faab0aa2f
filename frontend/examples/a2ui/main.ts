/**
 * A2UI's own renderer for Lit. Our components are a catalog to it: this page draws Markdown and the weather,
 * and asks the server for the HTML of every other component.
 */

import "@a2ui/lit/v0_9";
import { A2uiController, A2uiLitElement } from "@a2ui/lit/v0_9";
import { Catalog, MessageProcessor } from "@a2ui/web_core/v0_9";
import type { ComponentApi, SurfaceModel } from "@a2ui/web_core/v0_9";
import { css, html } from "lit";
import type { CSSResult, TemplateResult } from "lit";
import { connect, emptyTree, GenUIWidget, Library, mount, reduce } from "../../../genui/static/embed.js";
import type { ComponentNode, Mounted } from "../../../genui/static/embed.js";
import { alert, busy, form, question, stop, turn } from "../form.ts";

const library = await Library.load(connect({ src: "/" }));
const described = Catalog.fromSchema(await (await fetch("/v1/a2ui/catalog")).json());

/** A component of our catalog, in the page's own DOM. */
abstract class Drawn extends A2uiLitElement {
  static override styles: CSSResult = css`:host { display: block }`;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override createController(): A2uiController<ComponentApi> {
    return new A2uiController(this, described.components.get(this.context.componentModel.type) as ComponentApi);
  }

  /** What the model wrote, as far as it has come. */
  protected get props(): Record<string, any> {
    return this.controller.props;
  }
}

class Markdown extends Drawn {
  #view: Mounted | undefined;

  override render(): TemplateResult {
    return html`<div></div>`;
  }

  /** Drawn anew each time: the server tells a text that grows again when it is a quarter longer. */
  override updated(): void {
    const tree = emptyTree();
    reduce(tree, { type: "text", text: this.props["text"] ?? "" });
    reduce(tree, { type: "run-end", reason: "stop" });
    this.#view?.destroy();
    this.#view = mount(tree, this.firstElementChild as HTMLElement, { library });
  }
}

class Weather extends Drawn {
  static override styles = css`
    :host { display: block; color: #fff }
    section { display: grid; grid-template-columns: 1fr auto; align-items: center; padding: 16px 20px; border-radius: 12px; background: linear-gradient(120deg, #1f5fae, #3f8fd6) }
    h3, p { margin: 0 }
    output { grid-row: span 2; font-size: 2.25em }
  `;

  override render(): TemplateResult {
    const { city = "…", temp, condition = "…" } = this.props;
    return html`<section aria-label="Weather in ${city}">
      <h3>${city}</h3>
      <output>${temp === undefined ? "…" : `${temp}°`}</output>
      <p>${condition}</p>
    </section>`;
  }
}

/** A widget that is drawn by the server, from the props that A2UI has bound. */
class Served extends Drawn {
  #told = "";
  #drawing = false;

  override render(): TemplateResult {
    const { children = [] } = this.props;
    return html`<genui-widget @genui-action=${this.#act}>${children.map((child: string) => this.renderNode(child))}</genui-widget>`;
  }

  override firstUpdated(): void {
    this.#widget.equip(library.kit(this.context.componentModel.type));
    // What there is beside props: its state, its data, why it failed.
    this.context.dataContext.subscribeDynamicValue({ path: this.#path }, () => this.requestUpdate());
  }

  override updated(): void {
    if (!this.#drawing) void this.#draw();
  }

  /** Draw what there is, one request at a time, until nothing new has come meanwhile. */
  async #draw(): Promise<void> {
    this.#drawing = true;
    for (let told = JSON.stringify(this.#node); told !== this.#told; told = JSON.stringify(this.#node)) {
      this.#told = told;
      const node: ComponentNode = JSON.parse(told);
      const [drawn] = node.error ? [] : await library.client.render([node]);
      this.#widget.show({ ...node, html: drawn?.html });
    }
    this.#drawing = false;
  }

  get #widget(): GenUIWidget {
    return this.firstElementChild as GenUIWidget;
  }

  /** Its place in the data model, by its id in the run. */
  get #path(): string {
    const { id } = this.context.componentModel;
    return `/${id === "root" ? this.context.dataContext.surface.id.split(":")[1] : id}`;
  }

  get #node(): Partial<ComponentNode> {
    const { props, data, state, error, note } = this.context.dataContext.resolveDynamicValue({ path: this.#path }) as ComponentNode;
    return { kind: "component", id: this.#path.slice(1), name: this.context.componentModel.type, props, data, state, error, note, loaded: true };
  }

  readonly #act = (event: CustomEvent<{ action: string; values?: object }>): void => {
    event.stopPropagation(); // the widgets that it stands in are not meant
    const { action, values } = event.detail;
    this.context.dispatchAction({ event: { name: action, context: { ...values } } });
  };
}

customElements.define("genui-widget", GenUIWidget);
customElements.define("a2ui-markdown", Markdown);
customElements.define("a2ui-weather", Weather);
customElements.define("a2ui-served", Served);
const own: { readonly [name: string]: string } = { Markdown: "a2ui-markdown", WeatherWidget: "a2ui-weather" };
const drawn = [...described.components.values()].map((api) => ({ ...api, tagName: own[api.name] ?? "a2ui-served" }));
const processor = new MessageProcessor([new Catalog(described.id, drawn)], (action) => void say(action.name, { version: "v0.9", action }));

const thread = `page-${crypto.randomUUID()}`;
let answer: HTMLElement;
let run = "";

processor.onSurfaceCreated((surface: SurfaceModel<any>) => {
  run = surface.id.split(":")[0] as string; // the run's, and what is outermost in it
  answer.append(Object.assign(document.createElement("a2ui-surface"), { surface }));
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void say(question.value, { thread, messages: [{ role: "user", content: question.value }] });
  question.value = "";
});
stop.addEventListener("click", () => run && void fetch(`/v1/runs/${run}/cancel`, { method: "POST" }));

async function say(words: string, body: object): Promise<void> {
  turn("You").append(words.replaceAll("_", " "));
  answer = turn("Answer");
  run = "";
  busy(true);
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/v1/a2ui", { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error((await response.json()).error.message);
    if (response.body) for await (const line of lines(response.body)) processor.processMessages([JSON.parse(line)]);
  } catch (error) {
    alert(answer, (error as Error).message); // refused, or the connection broke: what has come stands
  }
  busy(false);
}

async function* lines(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let read; !(read = await reader.read()).done; ) {
    const parts = (rest + read.value).split("\n");
    rest = parts.pop() as string;
    yield* parts.filter(Boolean);
  }
}
