/**
 * A fetch for HttpAgent that survives a connection which drops: it reads the rest of the run from where it was.
 *
 *   new HttpAgent({ url: "https://host/v1/ag-ui", fetch: resuming() })
 *
 * AG-UI itself has no way to resume a stream. Its clients ignore the `id:` of a frame; here it is remembered.
 */
export function resuming(fetch = globalThis.fetch, { attempts = 5, pause = 300 } = {}) {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!response.ok || !response.body) return response;
    return new Response(ReadableStream.from(frames(response, url, init, fetch, attempts, pause)), response);
  };
}

async function* frames(response, url, init, fetch, attempts, pause) {
  const known = { id: "", run: "", over: false };
  const { threadId, runId } = JSON.parse(init.body);
  for (let attempt = 0; ; attempt++) {
    try {
      for await (const frame of whole(response.body)) {
        if (note(known, frame)) attempt = 0;
        yield new TextEncoder().encode(frame);
      }
    } catch (error) {
      if (init.signal?.aborted) throw error;
    }
    if (known.over || !known.run || attempt === attempts) return;
    await new Promise((resolve) => setTimeout(resolve, pause * 2 ** attempt));
    const rest = `${url}/${known.run}?${new URLSearchParams({ threadId, runId })}`;
    const headers = { ...init.headers, "Last-Event-ID": known.id };
    response = await fetch(rest, { headers, signal: init.signal });
    if (response.status !== 200) return;
  }
}

/** The frames of a body, each with its blank line; what was cut off in the middle is left out. */
async function* whole(body) {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n\n");
    rest = parts.pop();
    for (const part of parts) yield `${part}\n\n`;
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
