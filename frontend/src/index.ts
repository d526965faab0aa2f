/** genui.js: defines `<genui-chat>` and `<genui-widget>`, and exports what they are made of. */

import { defineChat } from "./chat.ts";
import { preload } from "./lazy.ts";
import { defineWidget } from "./widget.ts";

export { GenUIChat } from "./chat.ts";
export * from "./embed.ts";

if (globalThis.customElements) {
  defineWidget();
  defineChat();
  void preload(); // the first answer is drawn with it
}
