/**
 * What the server refused, what failed on the way, or what a run ended with.
 * `code` is stable and for programs: the server's own codes, and here `network` (nothing came back),
 * `lost` (the connection broke and would not come again) and `protocol` (an answer that is not genui/1).
 */
export class GenUIError extends Error {
  readonly code: string;
  /** HTTP status, or 0 when no answer came. */
  readonly status: number;

  constructor(code: string, message: string, status = 0, cause?: unknown) {
    super(message, { cause });
    this.name = "GenUIError";
    this.code = code;
    this.status = status;
  }
}

/** The error in an HTTP answer: `{"error":{"code","message"}}`, or what its status says when a proxy wrote it. */
export async function fromResponse(response: Response): Promise<GenUIError> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = (body as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
  const code = typeof error?.code === "string" ? error.code : "http";
  const message = typeof error?.message === "string" ? error.message : `The server answered ${response.status}.`;
  return new GenUIError(code, message, response.status);
}
