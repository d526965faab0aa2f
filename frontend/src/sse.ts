/**
 * A response's bytes in, server-sent events out: https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * Of the fields of a frame a run has two, `id` and `data`. A library (eventsource-parser) does this well and
 * stood here first; with the fields, callbacks and errors that a run has not, it was a third of the client.
 */

export interface Frame {
  id: string | undefined;
  data: string;
}

/**
 * The frames of a body, each as soon as its blank line arrives. The body is read only when the next
 * frame is asked for, so a slow reader slows the sender down. A frame that the end cuts off is dropped.
 */
export async function* frames(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder(); // keeps the first bytes of a cut character for the next chunk
  const parser = new Parser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.cancel().catch(() => undefined); // a body that broke has nothing left to cancel
  }
}

class Parser {
  #line: string[] = []; // the pieces of a line whose end has not come: joined once, or a long line would cost its square
  #id: string | undefined;
  #data: string[] = [];

  /** The frames that this piece of the stream completes. */
  *feed(piece: string): Generator<Frame> {
    const halfEnd = this.#line.at(-1)?.endsWith("\r");
    this.#line.push(piece);
    if (!halfEnd && !/[\r\n]/.test(piece)) return;
    const lines = this.#line.join("").split(/\r\n|\n|\r(?!$)/); // a \r at the very end may be half of \r\n
    this.#line = [lines.pop() ?? ""];
    for (const line of lines) {
      if (line === "") yield* this.#dispatch();
      else this.#take(line);
    }
  }

  #take(line: string): void {
    const [, field, value = ""] = /^([^:]*)(?:: ?([^]*))?/.exec(line) ?? [];
    if (field === "data") this.#data.push(value);
    if (field === "id") this.#id = value;
  }

  *#dispatch(): Generator<Frame> {
    if (this.#data.length > 0) yield { id: this.#id, data: this.#data.join("\n") };
    this.#data = [];
    this.#id = undefined;
  }
}
