/**
 * The host of an MCP App: JSON-RPC with the page in the frame (ui/initialize, what the tool was asked and what
 * it answered, the height the page wants). The page is nobody's origin, so a message is known by the window it
 * comes from. Whatever else it asks for is refused: it acts on nothing but itself.
 */
const VERSION = "2026-01-26";
const LOWEST = 40;
const TALLEST = 1200;

export default function mcpApp(root, host) {
  const place = root.querySelector(".app");
  const told = () => JSON.parse(root.querySelector("[data-app]").dataset.app);
  const frame = document.createElement("iframe");
  const sent = new Set();
  let ready = false;

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

  const answers = {
    "ui/initialize": () => ({
      protocolVersion: VERSION,
      hostInfo: { name: "genui", version: "1" },
      hostCapabilities: {},
      hostContext: context(),
    }),
    ping: () => ({}),
    "ui/request-display-mode": () => ({ mode: "inline" }),
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

  const hear = ({ source, data }) => {
    if (source !== frame.contentWindow || data?.jsonrpc !== "2.0" || typeof data.method !== "string") return;
    if (data.id === undefined) return Object.hasOwn(hears, data.method) && hears[data.method](data.params);
    if (Object.hasOwn(answers, data.method)) return post({ id: data.id, result: answers[data.method]() });
    post({ id: data.id, error: { code: -32601, message: `This host does not offer ${data.method}.` } });
  };

  // A page that sends its frame elsewhere is not the app any more: nothing of it is shown or told.
  let loads = 0;
  frame.addEventListener("load", () => {
    if (++loads === 1) return;
    removeEventListener("message", hear);
    ready = false;
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
    },
  };
}
