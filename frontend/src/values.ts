/** What expressions do with values: the conversions that every operation shares, and the filters behind `|`. */

import type { Json, Props } from "./events.ts";

const LOCALE = "en"; // as the server formats numbers, wherever the reader is
const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i;

/** The number that a value is, or that a text writes: what is typed into an input is text. */
export function number(value: Json | undefined): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && NUMBER.test(value) ? Number(value) : undefined;
}

/** A value in a text: nothing for null, a list with commas. */
export function text(value: Json | undefined): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(text).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Nothing, no, 0, an empty text and an empty list are false. */
export function truth(value: Json): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** 4 is "4", as a select gives it. */
export function same(left: Json, right: Json): boolean {
  if (typeof left === "object" || typeof right === "object") return JSON.stringify(left) === JSON.stringify(right);
  if (typeof left === typeof right) return left === right;
  const [first, second] = [number(left), number(right)];
  return first === undefined || second === undefined ? false : first === second;
}

type Filter = (value: Json, ...rest: Json[]) => Json;

const LONGEST_TEXT = 100_000;

function list(value: Json): Json[] {
  return Array.isArray(value) ? value : [];
}

function numbers(value: Json): number[] {
  return list(value).flatMap((one) => number(one) ?? []);
}

/** A filter of one number; of anything else it makes nothing. */
function ofNumber(work: (value: number, rest: Json[]) => Json): Filter {
  return (value, ...rest) => {
    const found = number(value);
    return found === undefined ? null : work(found, rest);
  };
}

/** The digits that were asked for, or as many as there are, at most `most`. */
function digits(wanted: Json | undefined, most = 2): Intl.NumberFormatOptions {
  const count = Math.min(Math.max(Math.trunc(number(wanted) ?? -1), -1), 15);
  return count < 0 ? { maximumFractionDigits: most } : { minimumFractionDigits: count, maximumFractionDigits: count };
}

function format(value: number, options: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(LOCALE, options).format(value);
}

function currency(value: number, [code, wanted]: Json[]): string {
  const shown = wanted === undefined ? { minimumFractionDigits: Number.isInteger(value) ? 0 : 2, maximumFractionDigits: 2 } : digits(wanted);
  return format(value, { style: "currency", currency: text(code ?? "USD"), ...shown });
}

function round(value: number, places: number): number {
  const power = 10 ** Math.min(Math.max(Math.trunc(places), 0), 12);
  return Math.round(value * power) / power;
}

const DATE = /^\d{4}-\d\d-\d\d/;

function date(value: Json, style: Json = "medium"): Json {
  const source = text(value);
  const when = new Date(source.length === 10 ? `${source}T00:00` : source); // a date alone is that day here, not in Greenwich
  if (!DATE.test(source) || Number.isNaN(when.getTime())) return null;
  if (style === "weekday" || style === "month" || style === "year") return new Intl.DateTimeFormat(LOCALE, { [style]: style === "year" ? "numeric" : "long" }).format(when);
  const known = ["full", "long", "medium", "short"].find((one) => one === style) ?? "medium";
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: known as "full" }).format(when);
}

function member(item: Json, key: Json | undefined): Json {
  if (key === undefined || typeof item !== "object" || item === null) return item;
  if (Array.isArray(item)) return item[number(key) ?? -1] ?? null;
  return Object.hasOwn(item, text(key)) ? ((item as Props)[text(key)] ?? null) : null;
}

function order(left: Json, right: Json): number {
  const [first, second] = [number(left), number(right)];
  if (first !== undefined && second !== undefined) return first - second;
  return text(left).localeCompare(text(right), LOCALE);
}

function length(value: Json): Json {
  if (typeof value === "string") return [...value].length;
  return Array.isArray(value) ? value.length : value === null ? 0 : Object.keys(value).length;
}

function slice(value: Json, from: Json = 0, to?: Json): Json {
  const whole = typeof value === "string" ? value : list(value);
  return whole.slice(number(from) ?? 0, to === undefined ? undefined : number(to));
}

/** Those in which `key` is `wanted`; without `wanted`, those that have one. An empty `wanted` chooses all. */
function where(value: Json, key: Json, wanted?: Json): Json {
  if (wanted === undefined) return list(value).filter((one) => truth(member(one, key)));
  if (wanted === null || wanted === "") return value;
  return list(value).filter((one) => same(member(one, key), wanted));
}

export const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ["abs", ofNumber(Math.abs)],
  ["capitalize", (value) => text(value).replace(/^./u, (first) => first.toUpperCase())],
  ["compact", ofNumber((value) => format(value, { notation: "compact", maximumFractionDigits: 1 }))],
  ["currency", ofNumber(currency)],
  ["date", date],
  ["default", (value, other = null) => (value === null || value === "" ? other : value)],
  ["first", (value) => list(value)[0] ?? null],
  ["join", (value, between = ", ") => list(value).map(text).join(text(between)).slice(0, LONGEST_TEXT)],
  ["last", (value) => list(value).at(-1) ?? null],
  ["length", length],
  ["lower", (value) => text(value).toLowerCase()],
  ["max", (value) => numbers(value).reduce<number | null>((most, one) => (most === null || one > most ? one : most), null)],
  ["min", (value) => numbers(value).reduce<number | null>((least, one) => (least === null || one < least ? one : least), null)],
  ["number", ofNumber((value, [wanted]) => format(value, digits(wanted)))],
  ["percent", ofNumber((value, [wanted]) => format(value, { style: "percent", ...digits(wanted, 1) }))],
  ["reverse", (value) => [...list(value)].reverse()],
  ["round", ofNumber((value, [places = 0]) => round(value, number(places) ?? 0))],
  ["slice", slice],
  ["sort", (value, key) => [...list(value)].sort((left, right) => order(member(left, key), member(right, key)))],
  ["sum", (value) => Number(numbers(value).reduce((sum, one) => sum + one, 0).toPrecision(15))],
  ["trim", (value) => text(value).trim()],
  ["upper", (value) => text(value).toUpperCase()],
  ["values", (value, key) => list(value).map((one) => member(one, key))],
  ["where", where],
]);
