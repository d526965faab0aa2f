/**
 * Text inside a component keeps the indentation that the model gave its tags, which Markdown would read as
 * nesting or as code. The first line of content that stands on a line of its own sets the width, and every
 * line loses up to that much leading white space (as CommonMark does inside a fence), chunk by chunk.
 */
export class Dedent {
  #width: number | undefined;
  #held = ""; // white space at the start of a line whose content has not come yet
  #lineStart = false; // the text begins on its tag's own line

  /** The text to render now; white space that still decides is held back. */
  feed(chunk: string): string {
    let out = "";
    for (const char of chunk) out += this.#step(char);
    return out;
  }

  #step(char: string): string {
    if (char === "\n") return this.#newLine();
    if (!this.#lineStart) return this.#within(char);
    if ((char === " " || char === "\t") && this.#held.length < (this.#width ?? Infinity)) {
      this.#held += char;
      return "";
    }
    this.#width ??= this.#held.length;
    this.#lineStart = false;
    this.#held = "";
    return char;
  }

  #newLine(): string {
    this.#lineStart = true;
    this.#held = "";
    return "\n";
  }

  #within(char: string): string {
    if (char === "`") this.#width ??= 0; // code opened beside the tag: its first line is no measure
    return char;
  }
}
