import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { connect } from "../src/client.ts";
import type { Client, Run } from "../src/client.ts";
import { GenUIError } from "../src/errors.ts";
import type { Sequenced } from "../src/events.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const servers: (() => void)[] = [];
after(() => servers.forEach((close) => close()));

/** A client of a server on the loopback that answers as told. */
async function clientOf(handler: Handler, options = {}): Promise<Client> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => void (body += chunk));
    request.on("end", () => handler(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(() => (server.closeAllConnections(), server.close()));
  return connect({ src: `http://127.0.0.1:${(server.address() as AddressInfo).port}/under/prefix`, backoff: 1, ...options });
}

const EVENTS = [
  { type: "run-start", run: "r/1", thread: "t", protocol: "genui/1" },
  { type: "text", text: "one " },
  { type: "text", text: "two " },
  { type: "text", text: "three" },
  { type: "run-end", reason: "stop" },
];

function frame(seq: number): string {
  return `id: ${seq}\ndata: ${JSON.stringify(EVENTS[seq - 1])}\n\n`;
}

function stream(response: ServerResponse, from: number, to: number): ServerResponse {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  for (let seq = from; seq <= to; seq += 1) response.write(frame(seq));
  return response;
}

async function read(run: Run): Promise<Sequenced[]> {
  const seen: Sequenced[] = [];
  for await (const event of run) seen.push(event);
  return seen;
}

const ASK = [{ role: "user" as const, content: "hello" }];
const numbers = (events: Sequenced[]): number[] => events.map((event) => event.seq);

test("a run posts its messages under the server's prefix and gives every event with its number", async () => {
  let asked = "";
  const client = await clientOf((request, response, body) => {
    asked = `${request.method} ${request.url} ${request.headers.accept} ${body}`;
    stream(response, 1, 5).end();
  });
  const events = await read(client.run(ASK, { thread: "t" }));
  assert.equal(asked, 'POST /under/prefix/v1/runs text/event-stream {"messages":[{"role":"user","content":"hello"}],"render":"html","thread":"t"}');
  assert.deepEqual(events, EVENTS.map((event, index) => ({ ...event, seq: index + 1 })));
});

test("when the server has forgotten the thread, all of it is sent", async () => {
  const asked: string[] = [];
  const client = await clientOf((_, response, body) => {
    asked.push(body);
    if (asked.length === 2) return void stream(response, 1, 5).end();
    response.writeHead(404, { "Content-Type": "application/json" }).end('{"error":{"code":"unknown-thread","message":"gone"}}');
  });
  const earlier = [{ role: "user" as const, content: "before" }];
  assert.equal((await read(client.run(ASK, { thread: "t", earlier }))).length, 5);
  assert.deepEqual(asked.map((body) => (JSON.parse(body) as { messages: unknown[] }).messages), [ASK, [...earlier, ...ASK]]);
});

test("an action is posted, and the run that answers it is followed from its first event", async () => {
  const asked: string[] = [];
  const client = await clientOf((request, response, body) => {
    asked.push(`${request.method} ${request.url} ${body}`);
    if (request.method === "GET") return void stream(response, 1, 5).end();
    response.writeHead(202, { "Content-Type": "application/json" }).end('{"run":"r/2","message":{"role":"user","content":"Send"},"once":true}');
  });
  const { message, once, run } = await client.act({ run: "r/1", component: "c1", action: "send", values: { a: 1 } });
  assert.deepEqual([message.content, once], ["Send", true]);
  assert.equal((await read(run)).length, 5);
  assert.deepEqual(asked, ['POST /under/prefix/v1/actions {"run":"r/1","component":"c1","action":"send","values":{"a":1},"render":"html"}', "GET /under/prefix/v1/runs/r%2F2/events "]);
});

test("an action that the server refuses is an error with its code", async () => {
  const client = await clientOf((_, response) => void response.writeHead(403).end('{"error":{"code":"not-offered","message":"no"}}'));
  await assert.rejects(client.act({ run: "r", component: "c1", action: "a", values: {} }), { code: "not-offered", status: 403 });
});

test("a run that the server has forgotten, as after a restart, is a lost connection", async () => {
  const client = await clientOf((request, response) => {
    if (request.method === "POST") return void stream(response, 1, 2).end();
    response.writeHead(404).end('{"error":{"code":"unknown-run","message":"There is no run with this id."}}');
  });
  await assert.rejects(read(client.run(ASK)), (error: GenUIError) => error.code === "lost" && error.message.startsWith("The connection was lost"));
});

test("a dropped connection is followed from the last event, without a gap or a duplicate", async () => {
  const resumed: (string | undefined)[] = [];
  const client = await clientOf((request, response) => {
    if (request.method === "POST") return void stream(response, 1, 2).write(frame(3).slice(0, 9), () => response.destroy());
    resumed.push(`${request.url} after ${request.headers["last-event-id"]}`);
    if (resumed.length === 1) return void response.writeHead(503).end();
    if (resumed.length === 2) return void stream(response, 2, 3).end(); // a server that repeats itself, and ends early
    stream(response, 4, 5).end();
  });
  const attempts: number[] = [];
  const events = await read(client.run(ASK, { onReconnect: (attempt) => attempts.push(attempt) }));
  assert.deepEqual(numbers(events), [1, 2, 3, 4, 5]);
  assert.deepEqual(resumed, ["/under/prefix/v1/runs/r%2F1/events after 2", "/under/prefix/v1/runs/r%2F1/events after 2", "/under/prefix/v1/runs/r%2F1/events after 3"]);
  assert.deepEqual(attempts, [1, 2, 0, 1, 0]);
});

test("a connection that falls silent counts as dropped", async () => {
  const client = await clientOf((request, response) => void stream(response, 1, request.method === "POST" ? 2 : 5), { silence: 50 });
  assert.deepEqual(numbers(await read(client.run(ASK))), [1, 2, 3, 4, 5]);
});

test("204 while following means that everything has been read", async () => {
  const client = await clientOf((request, response) => {
    if (request.method === "POST") stream(response, 1, 4).end();
    else response.writeHead(204).end();
  });
  assert.deepEqual(numbers(await read(client.run(ASK))), [1, 2, 3, 4]);
});

test("an error answer becomes a GenUIError with the server's code, message and status", async () => {
  const client = await clientOf((_, response) => void response.writeHead(422).end('{"error":{"code":"no_messages","message":"Send at least one message."}}'));
  await assert.rejects(read(client.run(ASK)), (error) => {
    assert.ok(error instanceof GenUIError);
    assert.deepEqual([error.code, error.message, error.status], ["no_messages", "Send at least one message.", 422]);
    return true;
  });
});

test("an error page of a proxy is an error too", async () => {
  const client = await clientOf((_, response) => void response.writeHead(502).end("<html>Bad Gateway</html>"));
  await assert.rejects(read(client.run(ASK)), { code: "http", status: 502 });
});

test("a run that the server no longer knows is not asked for again", async () => {
  let follows = 0;
  const client = await clientOf((request, response) => {
    if (request.method === "POST") return void stream(response, 1, 2).end();
    follows += 1;
    response.writeHead(404).end('{"error":{"code":"no_run","message":"There is no such run."}}');
  });
  await assert.rejects(read(client.run(ASK)), { code: "no_run" });
  assert.equal(follows, 1);
});

test("a server that cannot be reached is a network error", async () => {
  const client = connect({ src: "http://127.0.0.1:1" });
  await assert.rejects(read(client.run(ASK)), { code: "network", status: 0 });
});

test("cancel asks the server, and the run ends as the server says", async () => {
  let finish = (): void => undefined;
  const client = await clientOf((request, response) => {
    if (request.url?.endsWith("/cancel")) {
      response.end("{}");
      return finish();
    }
    stream(response, 1, 2);
    finish = () => void response.end('id: 3\ndata: {"type":"run-end","reason":"cancelled"}\n\n');
  });
  const run = client.run(ASK);
  const seen: Sequenced[] = [];
  for await (const event of run) {
    seen.push(event);
    if (event.seq === 2) await run.cancel();
  }
  assert.deepEqual(seen.at(-1), { type: "run-end", reason: "cancelled", seq: 3 });
});

test("aborting the signal cancels on the server and ends the iteration quietly", async () => {
  let heard = (): void => undefined;
  const cancelled = new Promise<void>((resolve) => void (heard = resolve));
  const client = await clientOf((request, response) => {
    if (request.url?.endsWith("/cancel")) return heard(), void response.end("{}");
    stream(response, 1, 2);
  });
  const controller = new AbortController();
  const seen: number[] = [];
  for await (const event of client.run(ASK, { signal: controller.signal })) {
    seen.push(event.seq);
    if (event.seq === 2) controller.abort();
  }
  await cancelled;
  assert.deepEqual(seen, [1, 2]);
});

test("a run that is cancelled before it has a name is ended on the server as soon as it has one", async () => {
  const asked: string[] = [];
  let begin = (): void => undefined;
  let finish = (): void => undefined;
  const client = await clientOf((request, response) => {
    asked.push(request.url ?? "");
    if (request.url?.endsWith("/cancel")) return response.end("{}"), finish();
    begin = () => void stream(response, 1, 1);
    finish = () => void response.end('id: 2\ndata: {"type":"run-end","reason":"cancelled"}\n\n');
  });
  const run = client.run(ASK);
  const all = read(run);
  while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve));
  const cancelled = run.cancel();
  begin();
  await cancelled;
  assert.equal(asked.at(-1), "/under/prefix/v1/runs/r%2F1/cancel");
  assert.deepEqual((await all).at(-1), { type: "run-end", reason: "cancelled", seq: 2 });
});

test("what is asked after a run was stopped waits until the server has ended that", async () => {
  const asked: string[] = [];
  let end = (): void => undefined;
  const client = await clientOf((request, response) => {
    asked.push(request.url ?? "");
    if (request.url?.endsWith("/cancel")) return void (end = () => void response.end("{}"));
    stream(response, 1, asked.length === 1 ? 2 : 5).end();
  });
  const controller = new AbortController();
  for await (const event of client.run(ASK, { thread: "t", signal: controller.signal })) if (event.seq === 2) controller.abort();
  const next = read(client.run(ASK, { thread: "t" }));
  while (asked.length === 1) await new Promise((resolve) => setTimeout(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(asked.length, 2); // the run, and its end
  end();
  assert.equal((await next).length, 5);
  assert.equal(asked.length, 3);
});

test("a stopped run whose server does not answer holds up no other thread, and its own for a bounded time", async () => {
  const asked: string[] = [];
  const client = await clientOf(
    (request, response) => {
      asked.push(request.url ?? "");
      if (request.url?.endsWith("/cancel")) return;
      if (request.url?.endsWith("/render")) return void response.end('{"renders":[]}');
      stream(response, 1, asked.length === 1 ? 2 : 5).end();
    },
    { silence: 500 },
  );
  const controller = new AbortController();
  for await (const event of client.run(ASK, { thread: "t", signal: controller.signal })) if (event.seq === 2) controller.abort();
  const next = read(client.run(ASK, { thread: "t" }));
  await client.render([{ name: "Metric", props: {} }]);
  assert.equal((await read(client.run(ASK))).length, 5);
  assert.deepEqual(asked.filter((url) => !url.endsWith("/cancel")), ["/under/prefix/v1/runs", "/under/prefix/v1/render", "/under/prefix/v1/runs"]);
  assert.equal((await next).length, 5);
});

test("headers and token are asked for anew with each request, so that one that expired is replaced", async () => {
  const sent: string[] = [];
  let tokens = 0;
  const handler: Handler = (request, response) => {
    sent.push(`${request.headers.authorization} ${request.headers["x-team"]}`);
    stream(response, request.method === "POST" ? 1 : 3, request.method === "POST" ? 2 : 5).end();
  };
  const client = await clientOf(handler, { token: () => Promise.resolve(`t${(tokens += 1)}`), headers: { "X-Team": "a" } });
  await read(client.run(ASK));
  assert.deepEqual(sent, ["Bearer t1 a", "Bearer t2 a"]);
});

test("what widgets carry is said once for all runs, and by a run for itself", async () => {
  const asked: unknown[] = [];
  const client = await clientOf((_, response, body) => (asked.push((JSON.parse(body) as { render: string }).render), void stream(response, 1, 5).end()), { render: "props" });
  await read(client.run(ASK));
  await read(client.run(ASK, { render: "both" }));
  assert.deepEqual(asked, ["props", "both"]);
});

test("a run that is known by its id is followed after the event that is known", async () => {
  const asked: string[] = [];
  const client = await clientOf((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers["last-event-id"]}`);
    stream(response, 4, 5).end();
  });
  assert.deepEqual(numbers(await read(client.follow("r/1", { after: 3 }))), [4, 5]);
  assert.deepEqual(asked, ["GET /under/prefix/v1/runs/r%2F1/events 3"]);
});

test("following a run of which all is known ends at once", async () => {
  let asked = 0;
  const client = await clientOf((_, response) => ((asked += 1), void response.writeHead(204).end()));
  assert.deepEqual(await read(client.follow("r", { after: 5 })), []);
  assert.equal(asked, 1);
});

test("a thread is read as it is to be rendered", async () => {
  let asked = "";
  const thread = { thread: "t/1", messages: [{ role: "assistant", content: "Hi", run: "r", state: "stop", events: [{ type: "text", text: "Hi" }] }] };
  const client = await clientOf((request, response) => ((asked = String(request.url)), void response.end(JSON.stringify(thread))));
  assert.deepEqual(await client.thread("t/1", { render: "both" }), thread);
  assert.equal(asked, "/under/prefix/v1/threads/t%2F1?render=both");
});

test("a connection that breaks at any byte of the stream changes nothing that is read", async () => {
  const words = [{ type: "run-start", run: "r", thread: "t", protocol: "genui/1" }, { type: "text", text: "Grüße 🌍" }, { type: "run-end", reason: "stop" }];
  const bytes = Buffer.from(words.map((event, index) => `id: ${index + 1}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
  const whole = words.map((event, index) => ({ ...event, seq: index + 1 }));
  const first = bytes.indexOf("\n\n") + 2; // a run whose name never came cannot be followed
  for (let cut = first; cut < bytes.length; cut += 1) {
    const body = (from: number, to?: number): ReadableStream<Uint8Array> => new Blob([bytes.subarray(from, to)]).stream();
    const start = (after: string | null): number => (after === null ? 0 : bytes.indexOf(`id: ${Number(after) + 1}\n`));
    const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
      const from = start(new Headers(init?.headers).get("Last-Event-ID"));
      return new Response(init?.method === "POST" ? body(0, cut) : body(from));
    };
    assert.deepEqual(await read(connect({ src: "http://here.example/", backoff: 0, fetch }).run(ASK)), whole, `cut at byte ${cut}`);
  }
});

test("a loop that is slow reads no further, and one that is left closes the connection", async () => {
  let sent = 0;
  let closed = false;
  const endless = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => controller.enqueue(Buffer.from(`id: ${(sent += 1)}\ndata: {"type":"text","text":"x"}\n\n`)),
      cancel: () => void (closed = true),
    },
    { highWaterMark: 0 },
  );
  const client = connect({ src: "http://here.example/", fetch: async () => new Response(endless) });
  for await (const { seq } of client.run(ASK)) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    assert.ok(sent <= seq + 1, `${sent} events were read when ${seq} were asked for`);
    if (seq === 20) break;
  }
  assert.equal(closed, true);
});
