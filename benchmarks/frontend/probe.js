/**
 * Runs in the page before anything of genui's and notes, by the page's clock: when the bytes that begin a widget
 * are read, when its element is in the document, when the next frame is drawn, and every long task.
 */
(() => {
  const seen = { arrived: {}, mounted: {}, drawn: {}, tasks: [] };
  const origin = performance.timeOrigin;

  // The response's own reader gets them first; the reader of the stream that the client puts around it, after.
  const { read } = ReadableStreamDefaultReader.prototype;
  const decoder = new TextDecoder();
  ReadableStreamDefaultReader.prototype.read = async function () {
    const result = await read.call(this);
    const now = performance.now();
    if (result.value instanceof Uint8Array) {
      const text = decoder.decode(result.value);
      if (text.includes('"render-component"')) {
        for (const [, id] of text.matchAll(/"render-component","id":"([^"]+)"/g)) seen.arrived[id] ??= now;
      }
    }
    return result;
  };

  const mounted = new MutationObserver((records) => {
    const now = performance.now();
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (node.localName !== "genui-widget" || seen.mounted[node.component] || !node.shadowRoot.firstElementChild) continue;
        const { component } = node;
        seen.mounted[component] = now;
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel(); // its message comes when the frame is done
          port1.onmessage = () => (port1.close(), (seen.drawn[component] ??= performance.now()));
          port2.postMessage(0);
        });
      }
    }
  });
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, init);
    if (this.localName !== "genui-widget") mounted.observe(root, { childList: true, subtree: true });
    return root;
  };

  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });

  const chat = () => document.querySelector("genui-chat");
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

  globalThis.probe = {
    /** Resolves when the answer to the question has ended and is drawn. */
    async ask(question) {
      const ended = new Promise((resolve) => {
        chat().addEventListener("genui-event", function hear({ detail }) {
          if (detail.type !== "run-end") return;
          chat().removeEventListener("genui-event", hear);
          resolve(detail.reason);
        });
      });
      chat().send(question);
      const reason = await ended;
      await this.still();
      return reason;
    },
    async still() {
      await frame();
      await frame();
    },
    begin: () => chat().reset(),
    /** What was noted since it was last taken. */
    take() {
      const taken = { ...seen, origin };
      Object.assign(seen, { arrived: {}, mounted: {}, drawn: {}, tasks: [] });
      return taken;
    },
  };
})();
