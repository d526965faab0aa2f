/** Two texts line by line, and three merged: by the longest common subsequence of lines. */

export interface DiffLine {
  kind: "same" | "mine" | "theirs";
  text: string;
}

/** How one comes from the other: lines of both, only in `theirs` (the disk), only in `mine` (the editor). */
export function diff(theirs: string, mine: string): DiffLine[] {
  const [a, b] = [theirs.split("\n"), mine.split("\n")];
  const common = matches(a, b);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  for (const [x, y] of [...common, [a.length, b.length] as const]) {
    while (i < x) lines.push({ kind: "theirs", text: a[i++] ?? "" });
    while (j < y) lines.push({ kind: "mine", text: b[j++] ?? "" });
    if (x < a.length) lines.push({ kind: "same", text: a[x] ?? "" });
    [i, j] = [x + 1, y + 1];
  }
  return lines;
}

export interface Merged {
  text: string;
  /** How many places both have changed: there both stand, between marks. */
  conflicts: number;
}

/** What came of `base` on both sides, in one text. */
export function merge(base: string, mine: string, theirs: string): Merged {
  const [o, a, b] = [base.split("\n"), mine.split("\n"), theirs.split("\n")];
  const [inA, inB] = [new Map(matches(o, a)), new Map(matches(o, b))];
  const out: string[] = [];
  let conflicts = 0;
  let [i, j, k] = [0, 0, 0];
  for (let x = 0; x <= o.length; x += 1) {
    const stable = x === o.length || (inA.has(x) && inB.has(x));
    if (!stable) continue;
    const [y, z] = [inA.get(x) ?? a.length, inB.get(x) ?? b.length];
    const part = chosen(o.slice(i, x), a.slice(j, y), b.slice(k, z));
    conflicts += part.conflict ? 1 : 0;
    out.push(...part.lines);
    if (x < o.length) out.push(o[x] ?? "");
    [i, j, k] = [x + 1, y + 1, z + 1];
  }
  return { text: out.join("\n"), conflicts };
}

function chosen(base: string[], mine: string[], theirs: string[]): { lines: string[]; conflict: boolean } {
  const same = (left: string[], right: string[]): boolean => left.length === right.length && left.every((line, at) => line === right[at]);
  if (same(mine, theirs) || same(theirs, base)) return { lines: mine, conflict: false };
  if (same(mine, base)) return { lines: theirs, conflict: false };
  return { lines: ["<<<<<<< mine", ...mine, "=======", ...theirs, ">>>>>>> on disk"], conflict: true };
}

/** Pairs of indices of the longest common subsequence. Quadratic, for files of a few hundred lines. */
function matches(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const longer = Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
      lengths[i * width + j] = a[i] === b[j] ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1 : longer;
    }
  }
  const pairs: [number, number][] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return pairs;
}
