/** Conversations of every size of chunk: several at a time, for most of each is waiting. */

const AT_ONCE = 24; // one script's widget is followed for 15 seconds

/** Do `work` with each item, a few at the same time. */
export async function each(items, work) {
  const left = [...items];
  const worker = async () => {
    while (left.length > 0) await work(left.shift());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** These sizes, or with `"every"` all that cut so many bytes differently. */
export const sizesOf = (sizes, length) => (sizes === "every" ? Array.from({ length }, (_, at) => at + 1) : sizes.filter((size) => size <= length));

/** The bytes in pieces of one size, each of which is there only when the one before has been taken. */
export function stream(bytes, size) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, (at += size)));
    },
  });
}

/**
 * Each question with the model's text in pieces of each of `chunks` characters, and the bytes of its answer in
 * pieces of each of `bytes` to the client's parser.
 *
 * `converse(words)` asks and compares; `answer(words)` is the bytes of an answer and `read(bytes)`, given a
 * stream of them, what compares the client that reads them.
 */
export async function sweep({ questions, chunks = [], bytes = [] }, { converse, answer }) {
  const asked = questions.flatMap((question) => chunks.map((size) => `${size}|${question}`));
  const reads = each(questions, async (question) => {
    const { whole, read } = await answer(question);
    for (const size of sizesOf(bytes, whole.length)) await read(stream(whole, size), `${question}: ${size} bytes at a time`);
  });
  await Promise.all([each(asked, converse), reads]);
}
