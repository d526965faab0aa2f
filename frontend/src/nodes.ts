/** The noncharacters that stand for nodes in the text that the Markdown parser reads. */
export const WIDGET = "\uFDD0";
/** The parser always holds one character back; this one pushes the widget out. */
export const FILLER = "\uFDD1";
export const RESERVED = /[\uFDD0\uFDD1]/g;
