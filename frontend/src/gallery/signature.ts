/** A prop's JSON Schema in a few words, for people who read a table. */

import type { Json, Props } from "../events.ts";

const LIMITS: [string, string][] = [
  ["minimum", "≥"], ["exclusiveMinimum", ">"], ["maximum", "≤"], ["exclusiveMaximum", "<"],
  ["minLength", "length ≥"], ["maxLength", "length ≤"], ["minItems", "items ≥"], ["maxItems", "items ≤"], ["pattern", "matches"],
];

/** `"low" | "high"`, `number, ≥ 0, ≤ 100`, `list of {label, value}`. */
export function signature(schema: Props): string {
  const limits = LIMITS.filter(([key]) => schema[key] !== undefined).map(([key, words]) => `${words} ${String(schema[key])}`);
  return [kind(schema), ...limits].join(", ");
}

/** A prop's default as markup would write it, or nothing. */
export function written(value: Json | undefined): string {
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

function kind(schema: Props): string {
  const choices = list(schema.enum);
  if (choices) return choices.map((one) => JSON.stringify(one)).join(" | ");
  const alternatives = list(schema.anyOf) ?? list(schema.oneOf);
  if (alternatives) return [...new Set(alternatives.map((one) => signature(props(one))))].join(" or ");
  if (typeof schema.$ref === "string") return `<${schema.$ref.split("/").at(-1)}> inside`;
  const types = list(schema.type) ?? (typeof schema.type === "string" ? [schema.type] : []);
  return types.map((type) => typed(String(type), schema)).join(" or ") || "any value";
}

function typed(type: string, schema: Props): string {
  if (type === "string") return typeof schema.format === "string" ? schema.format : "text";
  if (type === "object") return schema.properties ? `{${Object.keys(props(schema.properties)).join(", ")}}` : "object";
  if (type === "array") return schema.items ? `list of ${kind(props(schema.items))}` : "list";
  return type;
}

function list(value: Json | undefined): Json[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function props(value: Json | undefined): Props {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}
