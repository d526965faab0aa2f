/** The public face for those who build their own page: client, reducer, mounting. */

export { connect } from "./client.ts";
export type { Act, Acted, Client, ConnectOptions, Definition, Description, Message, Run, RunOptions } from "./client.ts";
export { GenUIError } from "./errors.ts";
export type * from "./events.ts";
export { Library } from "./library.ts";
export type { Behavior, WidgetModule } from "./library.ts";
export { mount } from "./mount.ts";
export type { Mounted } from "./mount.ts";
export { emptyTree, plainText, reduce } from "./tree.ts";
export type { ComponentNode, MessageTree, StatusNode, TextNode, TreeNode } from "./tree.ts";
export { GenUIWidget } from "./widget.ts";
