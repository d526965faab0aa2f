export * from "./genui.js";
