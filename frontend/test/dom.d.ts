/** A document for tests that draw: jsdom, with the one thing it lacks. Import it before what is tested. */
import { JSDOM } from "jsdom";
export declare const dom: JSDOM;
/** A fresh element on the page. */
export declare function place<K extends keyof HTMLElementTagNameMap>(tag: K): HTMLElementTagNameMap[K];
/** Every way of cutting a text in two, and one character at a time. */
export declare function chunkings(text: string): Generator<string[]>;
