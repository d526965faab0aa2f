// The AI SDK as its documentation shows it, behind Node's own HTTP server.
import { createServer } from "node:http";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import * as ai from "ai";

const model = createOpenAICompatible({ name: "fake", baseURL: process.env.OPENAI_BASE_URL, apiKey: "none" })(
  process.env.BENCH_MODEL,
);

const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const { messages } = JSON.parse(body);
  const aborted = new AbortController();
  response.on("close", () => aborted.abort());
  const result = ai.streamText({
    model,
    messages: await ai.convertToModelMessages(messages),
    abortSignal: aborted.signal,
    onError: () => {},
  });
  result.pipeUIMessageStreamToResponse(response);
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
