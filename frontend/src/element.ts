/** What elements of ours extend; where there is no page (a server that renders one) they are never made. */
export const PageElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);
