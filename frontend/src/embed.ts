/** The public face for those who build their own page: client, reducer, mounting. */

export { connect } from "./client.ts";
export type {
  Act,
  Acted,
  Client,
  ConnectOptions,
  Definition,
  Drawing,
  Drawn,
  Description,
  FollowOptions,
  Fresh,
  Message,
  Render,
  Run,
  RunOptions,
  Thread,
  ThreadMessage,
} from "./client.ts";
export type { CustomComponent, Draw, View } from "./custom.ts";
export { GenUIError } from "./errors.ts";
export type * from "./events.ts";
export { preload } from "./lazy.ts";
export { Library } from "./library.ts";
export type { Behavior, WidgetModule } from "./library.ts";
export { messageStyles, mount } from "./mount.ts";
export type { MountOptions, Mounted } from "./mount.ts";
export { emptyTree, plainText, reduce } from "./tree.ts";
export type { ComponentNode, MessageTree, StatusNode, TextNode, TreeNode } from "./tree.ts";
export { GenUIWidget } from "./widget.ts";
