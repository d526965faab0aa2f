/** A response's bytes in, server-sent events out: https://html.spec.whatwg.org/multipage/server-sent-events.html */

import { createParser } from "eventsource-parser";

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
  const ready: Frame[] = [];
  const parser = createParser({ onEvent: ({ id, data }) => void ready.push({ id, data }) });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* ready.splice(0);
    }
  } finally {
    reader.cancel().catch(() => undefined); // a body that broke has nothing left to cancel
  }
}
