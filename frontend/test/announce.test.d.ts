import "./dom.ts";
