/** Changes to props and data, in place. Paths are JSON Pointers (RFC 6901) and come from what a model wrote. */

import type { Json, Op, Props } from "./events.ts";

export function applyOps(target: Props, ops: readonly Op[]): void {
  for (const op of ops) applyOp(target, op);
}

/** One change. A path that leads nowhere changes nothing: the `complete` that follows carries everything anyway. */
function applyOp(target: Props, { op, path, value }: Op): void {
  const keys = path.split("/").slice(1).map(unescaped);
  const last = keys.pop();
  if (last === undefined) return;
  const holder = keys.reduce<Json | undefined>(own, target);
  if (typeof holder !== "object" || holder === null) return;
  if (op === "set") return put(holder, last, value);
  const old = own(holder, last);
  if (op === "push" && Array.isArray(old)) old.push(value);
  if (op === "append" && typeof old === "string" && typeof value === "string") put(holder, last, old + value);
}

/** Only what the holder itself has: never Object.prototype by way of `__proto__` or `constructor`. */
function own(holder: Json | undefined, key: string): Json | undefined {
  if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, key)) return undefined;
  return (holder as Props)[key];
}

function put(holder: Json[] | Props, key: string, value: Json): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function unescaped(token: string): string {
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}
