/**
 * What all chart components share. The template writes the data into `data-chart`, as JSON; the canvas is
 * made once and from then on only told what is new, so that it grows as points arrive instead of blinking.
 */

import { Chart, type ChartDataset, type ChartOptions } from "chart.js";
import { type Axes, faded, farFromZero, scales } from "./axes.ts";
import { themeColors, type ThemeColors } from "./theme.ts";
import type { Behavior } from "./library.ts";

type Kind = "bar" | "line" | "pie" | "doughnut" | "radar" | "scatter";
type Value = number | null;

interface Series {
  name?: string;
  values?: Value[];
  /** [x, y] each. */
  points?: [number, number][];
}

/** What `data-chart` holds. It is rendered from props that may still be incomplete. */
export interface ChartData {
  labels: (string | number)[];
  series: (Series | null)[];
  unit: string | null;
  stacked?: boolean | null;
  horizontal?: boolean | null;
  area?: boolean | null;
  donut?: boolean | null;
  x_label?: string | null;
  y_label?: string | null;
}

/** How one kind of chart looks; `dataset` styles one series in its color. */
export interface Look<K extends Kind> {
  type: K | ((data: ChartData) => K);
  axes?: Axes; // "category" if left out
  /** True where the axis must show zero: where lengths and areas are compared, leaving it out would lie. */
  fromZero?(data: ChartData): boolean | undefined;
  /** Each category keeps its name, turned where there is no room: bars mean nothing without. */
  everyName?: boolean;
  dataset(data: ChartData, color: string, colors: ThemeColors, index: number): Partial<ChartDataset<K, Value[]>>;
}

const still = matchMedia("(prefers-reduced-motion: reduce)");
const EDGE = 12; // px: half of the last label, which would be cut off
const HALF_LETTER = 3.5; // px
const MOST_EDGE = 48; // px
const GROWING = 300; // ms: done before the next points of a fast model

/** A component script's work: draw into `.plot`, follow `data-chart` and the theme. */
export function plot<K extends Kind>(root: ShadowRoot, host: HTMLElement, look: Look<K>): Behavior {
  const area = root.querySelector<HTMLElement>(".plot");
  if (!area) return {};
  const canvas = area.appendChild(document.createElement("canvas"));
  const type = typeof look.type === "function" ? look.type(read(root)) : look.type;
  const chart = new Chart<Kind, Value[]>(canvas, { type, data: { labels: [], datasets: [] } });
  let drawn = "";

  const draw = (): void => {
    const data = read(root);
    const colors = themeColors(host);
    chart.data.labels = data.labels;
    chart.data.datasets.length = data.series.length;
    data.series.forEach((line, index) => {
      const color = colors.series[index % colors.series.length] ?? colors.text;
      const known = (chart.data.datasets[index] ??= { data: [] });
      const values = line?.points?.map(([x, y]) => ({ x, y })) ?? line?.values ?? [];
      Object.assign(known, look.dataset(data, color, colors, index), { label: line?.name ?? "", data: values });
    });
    chart.options = options(host, data, colors, look) as typeof chart.options;
    chart.update();
  };
  const update = (): void => {
    const written = source(root);
    if (written !== drawn) draw();
    drawn = written;
  };

  // The style sheet gives `.plot` a transition of its color: its end tells of a new theme, whatever set it.
  area.addEventListener("transitionend", draw);
  update();
  return {
    update,
    destroy() {
      area.removeEventListener("transitionend", draw);
      chart.destroy();
      canvas.remove();
    },
  };
}

export { faded };

function source(root: ShadowRoot): string {
  return root.querySelector<HTMLElement>("[data-chart]")?.dataset["chart"] ?? "";
}

function read(root: ShadowRoot): ChartData {
  return JSON.parse(source(root) || '{"labels":[],"series":[],"unit":null}') as ChartData;
}

function options<K extends Kind>(host: HTMLElement, data: ChartData, colors: ThemeColors, look: Look<K>): ChartOptions<Kind> {
  const style = getComputedStyle(host);
  const mirrored = style.direction === "rtl";
  const font = { family: style.fontFamily, size: 12 };
  const axes = look.axes ?? "category";
  const fromZero = look.fromZero?.(data) ?? !farFromZero(numbers(data));
  const along = data.horizontal ? "y" : "x";
  return {
    responsive: true,
    indexAxis: along,
    maintainAspectRatio: false,
    layout: { padding: axes === "none" ? 4 : mirrored ? { left: lastLabel(data, look.everyName) } : { right: EDGE } },
    animation: still.matches ? false : { duration: GROWING },
    animations: axes === "category" ? { [along]: { duration: 0 } } : {}, // a point grows where its label stands
    interaction: axes === "category" ? { mode: "index", axis: along, intersect: false } : { mode: "nearest", intersect: true },
    scales: scales(axes, { data, colors, font, mirrored, fromZero, everyName: look.everyName ?? false }),
    plugins: { legend: { display: false }, tooltip: tooltip(data, colors, font, mirrored) },
  } as ChartOptions<Kind>;
}

/** Chart.js keeps no room for half of the last label of a scale that is reversed. */
function lastLabel({ labels }: ChartData, everyName = false): number {
  return everyName ? EDGE : Math.min(Math.max(EDGE, String(labels.at(-1) ?? "").length * HALF_LETTER), MOST_EDGE);
}

function numbers(data: ChartData): number[] {
  return data.series.flatMap((line) => line?.values ?? []).filter((value) => typeof value === "number");
}

type TooltipOptions = NonNullable<NonNullable<ChartOptions<Kind>["plugins"]>["tooltip"]>;

function tooltip(data: ChartData, colors: ThemeColors, font: { family: string }, rtl: boolean): TooltipOptions {
  return {
    rtl,
    backgroundColor: colors.surface,
    borderColor: colors.border,
    borderWidth: 1,
    titleColor: colors.text,
    bodyColor: colors.text,
    titleFont: font,
    bodyFont: font,
    padding: 10,
    cornerRadius: 8,
    boxPadding: 4,
    usePointStyle: true,
    callbacks: {
      label: ({ dataset, formattedValue }) => [dataset.label, formattedValue, data.unit].filter(Boolean).join(" "),
    },
  };
}
