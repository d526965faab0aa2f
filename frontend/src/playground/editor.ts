/**
 * CodeMirror in a shadow root: there it puts its styles into adopted sheets, which the page's policy allows,
 * and not into a <style> element, which it does not.
 */

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { css } from "@codemirror/lang-css";
import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { HighlightStyle, StreamLanguage, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { python } from "@codemirror/legacy-modes/mode/python";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import type { Diagnostic } from "@codemirror/lint";
import { EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import type { Extension } from "@codemirror/state";
import { Decoration, EditorView, MatchDecorator, ViewPlugin, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import type { DecorationSet } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { h } from "../dom.ts";
import type { Finding } from "./api.ts";

const colors = HighlightStyle.define([
  { tag: [tags.keyword, tags.tagName, tags.heading], color: "var(--pg-code-keyword)" },
  { tag: [tags.string, tags.attributeValue, tags.special(tags.string)], color: "var(--pg-code-string)" },
  { tag: [tags.comment, tags.meta, tags.processingInstruction], color: "var(--pg-code-comment)", fontStyle: "italic" },
  { tag: [tags.attributeName, tags.propertyName, tags.definition(tags.variableName)], color: "var(--pg-code-name)" },
  { tag: [tags.number, tags.bool, tags.atom, tags.unit, tags.color], color: "var(--pg-code-number)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", backgroundColor: "var(--pg-editor)", color: "var(--genui-text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--genui-font-mono)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--genui-text)", padding: "10px 0" },
  ".cm-cursor": { borderLeftColor: "var(--genui-text)" },
  ".cm-gutters": { backgroundColor: "var(--pg-editor)", color: "var(--genui-muted)", border: "none", paddingInlineStart: "4px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--genui-text) 4%, transparent)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--genui-accent) 26%, transparent) !important" },
  ".cm-tooltip": { backgroundColor: "var(--genui-surface)", color: "var(--genui-text)", border: "1px solid var(--genui-border)", borderRadius: "8px", boxShadow: "var(--genui-shadow)", maxWidth: "60ch" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--genui-accent)", color: "var(--genui-on-accent)" },
  ".cm-diagnostic": { padding: "6px 10px", fontFamily: "var(--genui-font)" },
  ".pg-jinja, .pg-jinja *": { color: "var(--pg-code-number)" },
  ".pg-jinja-comment, .pg-jinja-comment *": { color: "var(--pg-code-comment)", fontStyle: "italic" },
  ".pg-held": { backgroundColor: "var(--pg-held)", borderRadius: "3px", outline: "1px solid var(--pg-held-line)" },
  ".pg-future": { opacity: "0.45" },
});

/** Jinja's marks stand out from the HTML around them. */
const jinja = new MatchDecorator({
  regexp: /\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}/g,
  decoration: ([found]) => Decoration.mark({ class: found.startsWith("{#") ? "pg-jinja-comment" : "pg-jinja" }),
});

const jinjaMarks = ViewPlugin.define(
  (view) => ({
    marks: jinja.createDeco(view),
    update(update) {
      this.marks = jinja.updateDeco(update, this.marks);
    },
  }),
  { decorations: (plugin) => plugin.marks },
);

const setProgress = StateEffect.define<{ fed: number; held: number } | undefined>();

/** How far a text has been played: what was fed, what of it is held back, what is still to come. */
const progress = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { effects, changes, newDoc }) {
    const effect = effects.find((one) => one.is(setProgress));
    return effect ? marked(effect.value as { fed: number; held: number } | undefined, newDoc.length) : marks.map(changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

function marked(at: { fed: number; held: number } | undefined, length: number): DecorationSet {
  if (!at) return Decoration.none;
  const ranges = [
    { class: "pg-held", from: at.fed - at.held, to: at.fed },
    { class: "pg-future", from: at.fed, to: length },
  ];
  return Decoration.set(ranges.filter(({ from, to }) => to > from).map(({ class: name, from, to }) => Decoration.mark({ class: name, inclusive: true }).range(from, to)));
}

function language(file: string): Extension {
  if (file.endsWith(".html")) return [html(), Prec.highest(jinjaMarks)];
  if (file.endsWith(".md")) return html();
  if (file.endsWith(".css")) return css();
  if (file.endsWith(".js")) return javascript();
  return StreamLanguage.define(file.endsWith(".py") ? python : toml);
}

export interface EditorOptions {
  label: string;
  onChange: (text: string) => void;
  /** Ctrl+S or ⌘S. */
  onSave?: () => void;
}

export class Editor {
  readonly element = h("div", { class: "editor" });
  readonly #root = this.element.attachShadow({ mode: "open" });
  readonly #view: EditorView;
  readonly #options: EditorOptions;
  /** The state of each document that was open: its history and where its cursor stood. */
  readonly #states = new Map<string, EditorState>();
  #key = "";
  #showing = false;

  constructor(options: EditorOptions) {
    this.#options = options;
    this.#view = new EditorView({ root: this.#root, parent: this.#root });
    this.#view.dom.style.height = "100%";
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** Show a document: a known one as it was left, unless its text is another by now. */
  open(key: string, file: string, text: string, readonly: boolean): void {
    if (this.#key) this.#states.set(this.#key, this.#view.state);
    const known = this.#states.get(`${key}:${readonly}`);
    this.#key = `${key}:${readonly}`;
    this.#showing = true;
    this.#view.setState(known && known.doc.toString() === text ? known : this.#state(file, text, readonly));
    this.#showing = false;
  }

  /** Put another text in, as one step that can be undone. */
  replace(text: string): void {
    if (text !== this.text) this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } });
  }

  diagnose(findings: readonly Finding[]): void {
    this.#view.dispatch(setDiagnostics(this.#view.state, findings.map((one) => this.#diagnostic(one))));
  }

  goTo(line: number): void {
    const at = this.#view.state.doc.line(Math.min(Math.max(line, 1), this.#view.state.doc.lines)).from;
    this.#view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    this.#view.focus();
  }

  /** Say how far the text has been played; undefined: it is not being played. */
  play(at: { fed: number; held: number } | undefined): void {
    const length = this.#view.state.doc.length;
    const clipped = at && { fed: Math.min(at.fed, length), held: Math.min(at.held, at.fed) };
    const effects: StateEffect<unknown>[] = [setProgress.of(clipped)];
    if (clipped) effects.push(EditorView.scrollIntoView(clipped.fed, { y: "nearest", yMargin: 40 }));
    this.#view.dispatch({ effects });
  }

  #diagnostic({ line, code, message, severity }: Finding): Diagnostic {
    const { doc } = this.#view.state;
    const { from, to, text } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    return { from: from + (text.length - text.trimStart().length), to, severity, source: code, message };
  }

  #state(file: string, text: string, readonly: boolean): EditorState {
    const { label, onChange, onSave } = this.#options;
    const save = { key: "Mod-s", preventDefault: true, run: () => (onSave?.(), true) };
    return EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        keymap.of([save, ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
        language(file),
        syntaxHighlighting(colors),
        progress,
        look,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": `${label}: ${file}`, spellcheck: "false" }),
        EditorState.readOnly.of(readonly),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !this.#showing) onChange(update.state.doc.toString());
        }),
      ],
    });
  }
}
