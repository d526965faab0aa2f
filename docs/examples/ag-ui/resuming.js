/**
 * A fetch for HttpAgent that survives a connection which drops: it reads the rest of the run from where it was.
 *
 *   new HttpAgent({ url: "https://host/v1/ag-ui", fetch: resuming() })
 *
 * AG-UI itself has no way to resume a stream. Its clients ignore the `id:` of a frame; here it is remembered.
 * When the rest cannot be had, the run ends with RUN_ERROR: its clients take a stream that just ends for a whole one.
 */
export function resuming(fetch = globalThis.fetch, { attempts = 5, pause = 300 } = {}) {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!response.ok || !response.body) return response;
    return new Response(stream(frames(response, url, init, fetch, attempts, pause)), response);
  };
}

/** ReadableStream.from, which not every browser has. */
function stream(pieces) {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => pieces.return(),
  });
}

async function* frames(response, url, init, fetch, attempts, pause) {
  const known = { id: "", run: "", over: false };
  for (let attempt = 0; ; attempt++) {
    try {
      response ??= await fetch(rest(url, init, known.run), { headers: { ...init.headers, "Last-Event-ID": known.id }, signal: init.signal });
      if (response.status === 204) return;
      if (response.status >= 400 && response.status < 500 && response.status !== 429) break; // it is forgotten
      if (response.ok) for await (const frame of whole(response.body)) {
        if (note(known, frame)) attempt = 0;
        yield new TextEncoder().encode(frame);
      }
    } catch (error) {
      if (init.signal?.aborted) throw error;
    }
    if (known.over) return;
    if (!known.run || attempt === attempts) break;
    response = undefined;
    await new Promise((resolve) => setTimeout(resolve, pause * 2 ** attempt));
  }
  const lost = { type: "RUN_ERROR", code: "lost", message: "The connection was lost and could not be restored." };
  yield new TextEncoder().encode(`data: ${JSON.stringify(lost)}\n\n`);
}

/** Where the rest of a run is read. */
function rest(url, { body }, run) {
  if (!body) return url; // it was read there from the beginning
  const { threadId, runId } = JSON.parse(body);
  const address = new URL(url, globalThis.location?.href);
  address.pathname += `/${run}`;
  address.searchParams.set("threadId", threadId);
  address.searchParams.set("runId", runId);
  return address.href;
}

/** The frames of a body, each with its blank line; what was cut off in the middle is left out. */
async function* whole(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let read; !(read = await reader.read()).done; ) {
      const parts = (rest + read.value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) yield `${part}\n\n`;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

function note(known, frame) {
  const [, id] = /^id: (.+)$/m.exec(frame) ?? [];
  if (!id) return false;
  const event = JSON.parse(/^data: (.+)$/m.exec(frame)[1]);
  known.id = id;
  known.run ||= event.metadata?.genui?.run ?? "";
  known.over = ["RUN_FINISHED", "RUN_ERROR"].includes(event.type);
  return true;
}
