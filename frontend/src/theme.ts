/** The theme in concrete `rgb()` colors, as a canvas needs them. */

export interface ThemeColors {
  text: string;
  muted: string;
  border: string;
  surface: string;
  series: string[];
}

const SERIES = 8;

/**
 * The theme as it stands at a widget. A custom property keeps `light-dark(…)` as it was written, so each
 * token is asked for as the color of an element inside the widget, where the browser resolves it.
 */
export function themeColors(host: HTMLElement): ThemeColors {
  const probe = document.createElement("span");
  probe.hidden = true;
  (host.shadowRoot ?? host).append(probe);
  const color = (token: string): string => {
    probe.style.color = `var(--genui-${token})`;
    return getComputedStyle(probe).color;
  };
  const colors = {
    text: color("text"),
    muted: color("muted"),
    border: color("border"),
    surface: color("surface"),
    series: Array.from({ length: SERIES }, (_, index) => color(`series-${index + 1}`)),
  };
  probe.remove();
  return colors;
}
