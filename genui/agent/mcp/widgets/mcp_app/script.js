/**
 * The host of an MCP App: JSON-RPC with the page in the frame (ui/initialize, what the tool was asked and what
 * it answered, the height the page wants). The page is nobody's origin, so a message is known by the window it
 * comes from.
 *
 * It may ask for a tool of its server, which ours calls or refuses; and for a link, a message or a tool that
 * does more than read, of which the reader is asked above the frame, where the page cannot draw. Whatever else
 * it asks for is refused.
 */
const VERSION = "2026-01-26";
const LOWEST = 40;
const TALLEST = 1200;
const MOST_CALLS = 8; // of tools, at a time
const LONGEST_MESSAGE = 2000;
const PAUSE = 600; // milliseconds until a question takes a press: one that was meant for the page is none

const REFUSED = -32000;
const UNKNOWN = -32601;
const INVALID = -32602;

/** What the page is answered when it gets nothing. */
class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export default function mcpApp(root, host) {
  const place = root.querySelector(".app");
  const told = () => JSON.parse(root.querySelector("[data-app]").dataset.app);
  const frame = document.createElement("iframe");
  const sent = new Set();
  const client = host.run ? host.kit?.library.client : undefined; // no run of ours: nobody could say whose app it is
  let ready = false;
  let calls = 0;
  let drop; // the question that is open

  const post = (message) => frame.contentWindow?.postMessage({ jsonrpc: "2.0", ...message }, "*");

  const tell = () => {
    if (!ready) return;
    const { arguments: given, result } = told();
    once("tool-input", given && { arguments: given });
    once("tool-result", result);
  };

  const once = (what, params) => {
    if (!params || sent.has(what)) return;
    sent.add(what);
    post({ method: `ui/notifications/${what}`, params });
  };

  const theme = () => {
    const schemes = getComputedStyle(host).colorScheme.split(" ").filter((word) => word === "light" || word === "dark");
    if (schemes.length === 1) return schemes[0];
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  };

  const context = () => ({
    theme: theme(),
    displayMode: "inline",
    availableDisplayModes: ["inline"],
    containerDimensions: { width: frame.clientWidth, maxHeight: TALLEST },
    locale: host.closest("[lang]")?.lang || navigator.language,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    platform: "web",
  });

  /** Ask the reader. Resolves when `yes` is pressed; one question at a time. */
  const ask = (words, about, yes) => {
    if (drop) throw new Refusal(REFUSED, "The reader is being asked something else.");
    const text = element("p", { className: "words", dir: "auto" }, words);
    const matter = element("p", { className: "matter", dir: "auto" }, about);
    const no = element("button", { type: "button", className: "button secondary", textContent: "Not now" });
    yes.classList.add("button", "primary");
    const asked = element("div", { className: "asked" }, text, matter, element("div", { className: "buttons" }, yes, no));
    asked.setAttribute("role", "group");
    asked.setAttribute("aria-label", words);
    text.setAttribute("role", "alert");
    asked.inert = true;
    setTimeout(() => (asked.inert = false), PAUSE);
    return new Promise((resolve, reject) => {
      drop = () => {
        drop = undefined;
        asked.remove();
        reject(new Refusal(REFUSED, "The reader did not want it."));
      };
      no.addEventListener("click", () => drop?.());
      yes.addEventListener("click", () => (resolve(), drop?.()));
      place.prepend(asked);
    });
  };

  const button = (words) => element("button", { type: "button", textContent: words });

  const call = async (name, given, confirmed) => {
    const { run, component } = host;
    const { result, question } = await client.call({ run, component, tool: name, arguments: given, confirmed }).catch((error) => {
      throw new Refusal(error.code === "bad-values" ? INVALID : REFUSED, error.message);
    });
    if (question === undefined) return result;
    await ask(`“${told().title}” wants to do something`, question, button("Allow once"));
    return call(name, given, true);
  };

  const answers = {
    "ui/initialize": () => ({
      protocolVersion: VERSION,
      hostInfo: { name: "genui", version: "1" },
      hostCapabilities: { openLinks: {}, ...(client && { serverTools: {} }) },
      hostContext: context(),
    }),
    ping: () => ({}),
    "ui/request-display-mode": () => ({ mode: "inline" }),
    "tools/call": async ({ name, arguments: given = {} }) => {
      if (!client) throw new Refusal(UNKNOWN, "This host calls no tools.");
      if (typeof name !== "string" || typeof given !== "object") throw new Refusal(INVALID, "A tool is called by its name, with an object.");
      if (calls >= MOST_CALLS) throw new Refusal(REFUSED, "Too many calls at a time.");
      calls += 1;
      try {
        return await call(name, given, false);
      } finally {
        calls -= 1;
      }
    },
    "ui/open-link": async ({ url }) => {
      const address = webAddress(url);
      const link = element("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow", textContent: "Open" });
      await ask(`“${told().title}” wants to open a page`, address, link);
      return {};
    },
    "ui/message": async ({ content }) => {
      const blocks = [content].flat().filter((block) => block?.type === "text");
      const text = blocks.map((block) => String(block.text)).join("\n\n").trim();
      if (!text || text.length > LONGEST_MESSAGE) throw new Refusal(INVALID, `A message is text, of at most ${LONGEST_MESSAGE} characters.`);
      await ask(`“${told().title}” wants to say for you`, text, button("Send"));
      const detail = { action: "message", values: { text } };
      host.dispatchEvent(new CustomEvent("genui-action", { detail, bubbles: true, composed: true }));
      return {};
    },
  };

  const hears = {
    "ui/notifications/initialized": () => {
      ready = true;
      tell();
    },
    "ui/notifications/size-changed": ({ height } = {}) => {
      if (Number.isFinite(height)) frame.style.blockSize = `${Math.min(TALLEST, Math.max(LOWEST, height))}px`;
    },
  };

  const reply = async ({ id, method, params }) => {
    try {
      if (!Object.hasOwn(answers, method)) throw new Refusal(UNKNOWN, `This host does not offer ${method}.`);
      post({ id, result: await answers[method](params ?? {}) });
    } catch (error) {
      post({ id, error: { code: error instanceof Refusal ? error.code : REFUSED, message: error.message } });
    }
  };

  const hear = ({ source, data }) => {
    if (source !== frame.contentWindow || data?.jsonrpc !== "2.0" || typeof data.method !== "string") return;
    if (data.id !== undefined) void reply(data);
    else if (Object.hasOwn(hears, data.method)) hears[data.method](data.params);
  };

  // A page that sends its frame elsewhere is not the app any more: nothing of it is shown or told.
  let loads = 0;
  frame.addEventListener("load", () => {
    if (++loads === 1) return;
    removeEventListener("message", hear);
    ready = false;
    drop?.();
    frame.remove();
  });
  addEventListener("message", hear);
  const { src, title } = told();
  frame.title = title ?? "";
  frame.setAttribute("sandbox", "allow-scripts allow-forms");
  frame.referrerPolicy = "no-referrer";
  const address = new URL(`../../${src}`, import.meta.url);
  // Only an app's own address is framed, whatever a prop may say.
  if (/\/v1\/mcp\/[\w-]+\/[0-9a-f]{32}$/.test(address.href)) frame.src = address.href;
  place.append(frame);
  return {
    update: tell,
    destroy() {
      removeEventListener("message", hear);
      drop?.();
    },
  };
}

/** A whole address of the web, as the browser reads it. */
function webAddress(url) {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (!address || !/^https?:$/.test(address.protocol)) throw new Refusal(INVALID, "Only whole addresses of the web are opened.");
  return address.href;
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
