/**
 * The expressions of bound texts: `$name`, or `{…}` with a `$name` in it, within a text or instead of it.
 *
 * A closed language: what it can do is in this file, and nothing leads out of it. No eval, no Function, no
 * members but an object's own, a bounded number of steps. What has no value is null: an unknown name, a sum
 * of words, a division by zero. The grammar is genui/catalog/expressions.lark; tests/expressions.json holds
 * the two to one another.
 */

import type { Json } from "./events.ts";
import { filters, number, same, text, truth } from "./values.ts";

/** What a name stands for; undefined where no input declares it. */
export type Lookup = (name: string) => Json | undefined;

type Evaluated = (scope: Scope) => Json;

/** One evaluation: where names are looked up, and how many steps are left. */
interface Scope {
  lookup: Lookup;
  steps: number;
}

const LONGEST = 20_000;
const DEEPEST = 32;
const STEPS = 10_000;
/** How deep what needs no brackets may stand inside itself: `- - - $a`, `$a ? $b ? …`. */
const CHAIN = 200;

/** A text that is bound: the names it reads, and what it comes to. */
export interface Bound {
  names: ReadonlySet<string>;
  evaluate(lookup: Lookup): Json;
}

const VARIABLE = /\$[A-Za-z_]/;
const WHOLE = /^\s*\$([A-Za-z_][A-Za-z0-9_]*)\s*$/;

/** The name in a text that is `$name` and nothing else. */
export function variable(value: Json | undefined): string | undefined {
  return typeof value === "string" ? WHOLE.exec(value)?.[1] : undefined;
}

/** What a text is bound to; undefined where it is bound to nothing, or where an expression in it cannot be read. */
export function bound(source: string): Bound | undefined {
  if (!VARIABLE.test(source)) return undefined;
  const whole = variable(source);
  if (whole) return { names: new Set([whole]), evaluate: (lookup) => lookup(whole) ?? null };
  const names = new Set<string>();
  const parts: Evaluated[] = [];
  try {
    let at = 0;
    for (const [start, end] of groups(source)) {
      const before = source.slice(at, start - 1);
      if (before.trim() || parts.length > 0) parts.push(() => before);
      parts.push(parse(source.slice(start, end), names));
      at = end + 1;
    }
    const rest = source.slice(at);
    if (parts.length === 0) return undefined;
    if (rest.trim()) parts.push(() => rest);
  } catch {
    return undefined;
  }
  const [only] = parts;
  const value = parts.length === 1 && only ? only : (scope: Scope): Json => parts.map((part) => text(part(scope))).join("");
  return { names, evaluate: (lookup) => bounded(value, lookup) };
}

function bounded(value: Evaluated, lookup: Lookup): Json {
  try {
    return value({ lookup, steps: STEPS });
  } catch {
    return null; // too many steps, a stack that is too deep, a currency that does not exist
  }
}

const MARK = /\\.|[{}"']/gs;

/** Where each `{…}` with a `$name` in it begins and ends, in one pass; a brace that is never closed makes the rest plain text. */
function* groups(source: string): Generator<[number, number]> {
  let depth = 0;
  let start = 0;
  let quote = "";
  for (const { 0: mark, index } of source.matchAll(MARK)) {
    if (mark === "{" && !quote) {
      if (depth === 0) start = index + 1;
      depth += 1;
    } else if (mark === "}" && depth > 0 && !quote) {
      depth -= 1;
      if (depth === 0 && VARIABLE.test(source.slice(start, index))) yield [start, index];
    } else if ((mark === '"' || mark === "'") && depth > 0) {
      quote = quote === mark ? "" : quote || mark;
    }
  }
}

const TOKEN = /\s*(?:(\$[A-Za-z_][A-Za-z0-9_]*)|([A-Za-z_][A-Za-z0-9_]*)|([0-9]+(?:\.[0-9]+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\|\||&&|[=!<>]=|[-+*/%!<>?:|.,()[\]{}]))/gsy;

interface Token {
  kind: "variable" | "name" | "number" | "string" | "sign" | "end";
  text: string;
}

/** Compile an expression; the names it reads go into `names`. Throws SyntaxError. */
function parse(source: string, names: Set<string>): Evaluated {
  if (source.length > LONGEST) throw new SyntaxError("too long");
  return new Parser([...tokens(source)], names).whole();
}

function* tokens(source: string): Generator<Token> {
  const trimmed = source.trimEnd();
  let depth = 0; // of brackets
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const found = TOKEN.exec(trimmed);
    if (!found) throw new SyntaxError("cannot be read");
    const sign = found[5] ?? "";
    depth += "([{".includes(sign || "x") ? 1 : ")]}".includes(sign || "x") ? -1 : 0;
    if (depth > DEEPEST) throw new SyntaxError("too deep");
    const place = found.slice(1).findIndex((part) => part !== undefined);
    yield { kind: (["variable", "name", "number", "string", "sign"] as const)[place] ?? "end", text: found[place + 1] ?? "" };
  }
  yield { kind: "end", text: "" };
}

const ESCAPES: { [letter: string]: string } = { n: "\n", t: "\t" };
const WORDS = new Map<string, Json>([["true", true], ["false", false], ["null", null]]);

type Operation = (left: Json, right: Json) => Json;

/** From the loosest to the tightest. `||` and `&&` need no right side when the left decides. */
const LEVELS: ReadonlyMap<string, Operation>[] = [
  new Map<string, Operation>([["==", same], ["!=", (left, right) => !same(left, right)]]),
  new Map<string, Operation>([
    ["<", (left, right) => compare(left, right, (order) => order < 0)],
    ["<=", (left, right) => compare(left, right, (order) => order <= 0)],
    [">", (left, right) => compare(left, right, (order) => order > 0)],
    [">=", (left, right) => compare(left, right, (order) => order >= 0)],
  ]),
  new Map<string, Operation>([["+", add], ["-", arithmetic((left, right) => left - right)]]),
  new Map<string, Operation>([
    ["*", arithmetic((left, right) => left * right)],
    ["/", arithmetic((left, right) => left / right)],
    ["%", arithmetic((left, right) => left % right)],
  ]),
];

class Parser {
  readonly #tokens: Token[];
  readonly #names: Set<string>;
  #at = 0;
  #depth = 0;

  constructor(tokens: Token[], names: Set<string>) {
    this.#tokens = tokens;
    this.#names = names;
  }

  whole(): Evaluated {
    const value = this.#expression();
    if (this.#next.kind !== "end") throw new SyntaxError("cannot be read");
    return value;
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** Take the next token if it is one of these signs or words. */
  #take(...wanted: string[]): string | undefined {
    const { kind, text: found } = this.#next;
    if ((kind !== "sign" && kind !== "name") || !wanted.includes(found)) return undefined;
    this.#at += 1;
    return found;
  }

  #need(sign: string): void {
    if (!this.#take(sign)) throw new SyntaxError(`${sign} is missing`);
  }

  #name(): string {
    const { kind, text: name } = this.#next;
    if (kind !== "name") throw new SyntaxError("a name is missing");
    this.#at += 1;
    return name;
  }

  /** Guards everything that may stand inside itself. */
  #nested<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth > CHAIN) throw new SyntaxError("too deep");
    const result = work();
    this.#depth -= 1;
    return result;
  }

  #expression(): Evaluated {
    return this.#nested(() => {
      let value = this.#choice();
      while (this.#take("|")) value = this.#filtered(value);
      return value;
    });
  }

  #filtered(value: Evaluated): Evaluated {
    const filter = filters.get(this.#name());
    if (!filter) throw new SyntaxError("no such filter");
    const rest = this.#take("(") ? this.#list(")") : [];
    return (scope) => filter(step(value, scope), ...rest.map((one) => step(one, scope)));
  }

  #choice(): Evaluated {
    return this.#nested(() => {
      const test = this.#either();
      if (!this.#take("?")) return test;
      const yes = this.#choice();
      this.#need(":");
      const no = this.#choice();
      return (scope) => step(truth(step(test, scope)) ? yes : no, scope);
    });
  }

  #either(): Evaluated {
    let left = this.#both();
    while (this.#take("||", "or")) {
      const [first, second] = [left, this.#both()];
      left = (scope) => {
        const value = step(first, scope);
        return truth(value) ? value : step(second, scope);
      };
    }
    return left;
  }

  #both(): Evaluated {
    let left = this.#binary(0);
    while (this.#take("&&", "and")) {
      const [first, second] = [left, this.#binary(0)];
      left = (scope) => {
        const value = step(first, scope);
        return truth(value) ? step(second, scope) : value;
      };
    }
    return left;
  }

  #binary(level: number): Evaluated {
    const operations = LEVELS[level];
    if (!operations) return this.#unary();
    let left = this.#binary(level + 1);
    for (let sign = this.#take(...operations.keys()); sign; sign = this.#take(...operations.keys())) {
      const [first, second, operation] = [left, this.#binary(level + 1), operations.get(sign) as Operation];
      left = (scope) => operation(step(first, scope), step(second, scope));
    }
    return left;
  }

  #unary(): Evaluated {
    const sign = this.#take("-", "!", "not");
    if (!sign) return this.#member();
    const value = this.#nested(() => this.#unary());
    if (sign === "-") return (scope) => finite(-(number(step(value, scope)) ?? NaN));
    return (scope) => !truth(step(value, scope));
  }

  #member(): Evaluated {
    let value = this.#value();
    for (let sign = this.#take(".", "["); sign; sign = this.#take(".", "[")) {
      const holder = value;
      const key = sign === "." ? this.#key(this.#name()) : this.#expression();
      if (sign === "[") this.#need("]");
      value = (scope) => own(step(holder, scope), step(key, scope));
    }
    return value;
  }

  #key(name: string): Evaluated {
    return () => name;
  }

  #value(): Evaluated {
    const { kind, text: found } = this.#next;
    this.#at += 1;
    if (kind === "variable") return this.#variable(found.slice(1));
    if (kind === "number") return constant(Number(found));
    if (kind === "string") return constant(unquoted(found));
    if (kind === "name" && WORDS.has(found)) return constant(WORDS.get(found) ?? null);
    if (kind === "sign" && found === "(") return this.#inParentheses();
    if (kind === "sign" && found === "[") return this.#listValue();
    if (kind === "sign" && found === "{") return this.#object();
    throw new SyntaxError("cannot be read");
  }

  #variable(name: string): Evaluated {
    this.#names.add(name);
    return ({ lookup }) => lookup(name) ?? null;
  }

  #inParentheses(): Evaluated {
    const value = this.#expression();
    this.#need(")");
    return value;
  }

  #listValue(): Evaluated {
    const items = this.#list("]");
    return (scope) => items.map((item) => step(item, scope));
  }

  #list(end: string): Evaluated[] {
    const items: Evaluated[] = [];
    if (this.#take(end)) return items;
    do items.push(this.#expression());
    while (this.#take(","));
    this.#need(end);
    return items;
  }

  #object(): Evaluated {
    const members: [string, Evaluated][] = [];
    if (!this.#take("}")) {
      do members.push(this.#pair());
      while (this.#take(","));
      this.#need("}");
    }
    return (scope) => Object.fromEntries(members.map(([name, value]) => [name, step(value, scope)])); // own members, even `__proto__`
  }

  #pair(): [string, Evaluated] {
    const { kind, text: found } = this.#next;
    if (kind !== "name" && kind !== "string") throw new SyntaxError("a name is missing");
    this.#at += 1;
    this.#need(":");
    return [kind === "name" ? found : unquoted(found), this.#expression()];
  }
}

function step(value: Evaluated, scope: Scope): Json {
  scope.steps -= 1;
  if (scope.steps < 0) throw new RangeError("too many steps");
  return value(scope);
}

function constant(value: Json): Evaluated {
  return () => value;
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);
}

/** Only what a list or an object itself holds: never what it inherits. */
function own(holder: Json, key: Json): Json {
  if (typeof holder !== "object" || holder === null) return null;
  if (Array.isArray(holder)) return holder[number(key) ?? -1] ?? null;
  const name = text(key);
  return Object.hasOwn(holder, name) ? (holder[name] ?? null) : null;
}

function finite(value: number): Json {
  return Number.isFinite(value) ? Number(value.toPrecision(15)) : null; // 0.1 + 0.2 is 0.3 to who reads it
}

function arithmetic(work: (left: number, right: number) => number): Operation {
  return (left, right) => finite(work(number(left) ?? NaN, number(right) ?? NaN));
}

function add(left: Json, right: Json): Json {
  const [first, second] = [number(left), number(right)];
  if (first !== undefined && second !== undefined) return finite(first + second);
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  return typeof left === "string" || typeof right === "string" ? text(left) + text(right) : null;
}

function compare(left: Json, right: Json, test: (order: number) => boolean): boolean {
  const [first, second] = [number(left), number(right)];
  if (first !== undefined && second !== undefined) return test(first - second);
  return typeof left === "string" && typeof right === "string" && test(left < right ? -1 : left > right ? 1 : 0);
}
