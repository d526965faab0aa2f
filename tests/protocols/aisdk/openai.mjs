/**
 * The real OpenAI client, with its own retries, against a real server. A job comes as JSON on stdin; what the
 * client got of it goes to stdout as JSON.
 */

import OpenAI, { APIUserAbortError } from "openai";
import { each, sizesOf, stream } from "../sweep.mjs";

const { base, key = "none", job } = JSON.parse(await new Response(ReadableStream.from(process.stdin)).text());
const clientOf = (more = {}) => new OpenAI({ baseURL: `${base}/v1`, apiKey: key, ...more });
const asking = (content) => ({ model: "any", messages: [{ role: "user", content }] });
const textOf = (message) => message.choices[0].message.content;

/** What a stream says, how it ends and what it cost. */
async function read(chunks) {
  const told = { text: "", finish: null, usage: null, ids: new Set() };
  for await (const { id, choices, usage } of chunks) {
    told.ids.add(id);
    told.text += choices[0]?.delta.content ?? "";
    told.finish = choices[0]?.finish_reason ?? told.finish;
    told.usage = usage ?? told.usage;
  }
  return { ...told, ids: told.ids.size };
}

const failure = (error) => ({ kind: error.constructor.name, status: error.status, code: error.code, message: error.message });

/** A fetch that counts its requests, and whose first answer's body goes through `change`. */
function counting(change = (body) => body) {
  const counted = async (...request) => {
    counted.requests += 1;
    const response = await fetch(...request);
    return counted.requests === 1 ? new Response(change(response.body), response) : response;
  };
  return Object.assign(counted, { requests: 0 });
}

/** Breaks off behind the first bytes, as a network does. */
const cut = (body) => {
  const transform = (chunk, controller) => {
    controller.enqueue(chunk);
    setTimeout(() => controller.error(new TypeError("network error")), 20); // when these have been read
  };
  return body.pipeThrough(new TransformStream({ transform }));
};

const DO = {
  /** A body as some application sends it, in one piece or as a stream. */
  async send({ body }) {
    const client = clientOf();
    const answer = await client.chat.completions.create(body);
    return body.stream ? read(answer) : { text: textOf(answer), finish: answer.choices[0].finish_reason, usage: answer.usage };
  },

  async models() {
    const found = [];
    for await (const { id, object } of clientOf().models.list()) found.push({ id, object });
    return found;
  },

  /** What fails, and how many requests it took to find out. */
  async fail({ body, broken = false }) {
    const fetch = counting(broken ? cut : undefined);
    const client = clientOf({ fetch });
    try {
      const answer = await client.chat.completions.create(body);
      return body.stream ? await read(answer) : answer;
    } catch (error) {
      return { ...failure(error), requests: fetch.requests };
    }
  },

  /** The reader stops at the first text. */
  async abort({ words }) {
    const control = new AbortController();
    const chunks = await clientOf().chat.completions.create({ ...asking(words), stream: true }, { signal: control.signal });
    let ended = "done";
    try {
      for await (const chunk of chunks) if (chunk.choices[0]?.delta.content) control.abort();
    } catch (error) {
      ended = error instanceof APIUserAbortError ? "aborted" : String(error);
    }
    return ended;
  },

  /** The client's own helper puts a message together: from pieces of the model's text, and of the answer's bytes. */
  async sweep({ words, chunks, bytes }) {
    const helped = async (more, content) => {
      const run = clientOf(more).chat.completions.stream(asking(content));
      return textOf(await run.finalChatCompletion());
    };
    const expected = textOf(await clientOf().chat.completions.create(asking(words)));
    const response = await clientOf().chat.completions.create({ ...asking(words), stream: true }).asResponse();
    const whole = new Uint8Array(await response.arrayBuffer());
    const differing = [];
    const check = (what, text) => void (text === expected || differing.push([what, text]));
    await each(sizesOf(chunks, 1e9), async (size) => check(`${size} characters`, await helped({}, `${size}|${words}`)));
    const cutting = (size) => async () => new Response(stream(whole, size), { headers: { "content-type": "text/event-stream" } });
    await each(sizesOf(bytes, whole.length), async (size) => check(`${size} bytes`, await helped({ fetch: cutting(size) }, words)));
    return { expected, differing };
  },
};

console.log(JSON.stringify(await DO[job.do](job)));
