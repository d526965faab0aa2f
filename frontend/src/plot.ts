/**
 * What all chart components share. The template writes the data into `data-chart`, as JSON; the canvas is
 * made once and from then on only told what is new, so that it grows as points arrive instead of blinking.
 */

import { Chart, type ChartDataset, type ChartOptions } from "chart.js";
import { themeColors, type ThemeColors } from "./theme.ts";
import type { Behavior } from "./library.ts";

type Kind = "bar" | "line";
type Value = number | null;

/** What `data-chart` holds. It is rendered from props that may still be incomplete. */
export interface ChartData {
  labels: (string | number)[];
  series: ({ name?: string; values?: Value[] } | null)[];
  unit: string | null;
  stacked?: boolean | null;
  area?: boolean | null;
}

/** How one kind of chart looks; `dataset` styles one series in its color. */
export interface Look<K extends Kind> {
  type: K;
  dataset(data: ChartData, color: string): Partial<ChartDataset<K, Value[]>>;
}

const still = matchMedia("(prefers-reduced-motion: reduce)");
const EDGE = 12; // px: half of the last label, which would be cut off
const GROWING = 300; // ms: done before the next points of a fast model

/** A component script's work: draw into `.plot`, follow `data-chart` and the theme. */
export function plot<K extends Kind>(root: ShadowRoot, host: HTMLElement, look: Look<K>): Behavior {
  const area = root.querySelector<HTMLElement>(".plot");
  if (!area) return {};
  const canvas = area.appendChild(document.createElement("canvas"));
  const chart = new Chart<Kind, Value[]>(canvas, { type: look.type, data: { labels: [], datasets: [] } });
  let drawn = "";

  const draw = (): void => {
    const data = read(root);
    const colors = themeColors(host);
    chart.data.labels = data.labels;
    chart.data.datasets.length = data.series.length;
    data.series.forEach((line, index) => {
      const color = colors.series[index % colors.series.length] ?? colors.text;
      const known = (chart.data.datasets[index] ??= { data: [] });
      Object.assign(known, look.dataset(data, color), { label: line?.name ?? "", data: line?.values ?? [] });
    });
    chart.options = options(host, data, colors) as typeof chart.options;
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

/** A color at a part of its strength, from the `rgb()` that a browser computes. */
export function faded(color: string, alpha: number): string {
  const [red, green, blue] = color.match(/[\d.]+/g) ?? [];
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}

function source(root: ShadowRoot): string {
  return root.querySelector<HTMLElement>("[data-chart]")?.dataset["chart"] ?? "";
}

function read(root: ShadowRoot): ChartData {
  return JSON.parse(source(root) || '{"labels":[],"series":[],"unit":null}') as ChartData;
}

function options(host: HTMLElement, data: ChartData, colors: ThemeColors): ChartOptions<Kind> {
  const style = getComputedStyle(host);
  const mirrored = style.direction === "rtl";
  const font = { family: style.fontFamily, size: 12 };
  const ticks = { color: colors.muted, font, padding: 8, maxRotation: 0, autoSkipPadding: 12 };
  const display = data.series.some((line) => line?.values?.length);
  return {
    responsive: true,
    maintainAspectRatio: false,
    layout: { padding: mirrored ? { left: EDGE } : { right: EDGE } },
    animation: still.matches ? false : { duration: GROWING },
    animations: { x: { duration: 0 } }, // a point grows where its label stands
    interaction: { mode: "index", intersect: false },
    scales: {
      x: { display, stacked: data.stacked ?? false, reverse: mirrored, grid: { display: false }, border: { color: colors.border }, ticks },
      y: {
        display,
        stacked: data.stacked ?? false,
        position: mirrored ? "right" : "left",
        beginAtZero: true,
        grid: { color: faded(colors.border, 0.6), tickLength: 0 },
        border: { display: false },
        ticks: { ...ticks, maxTicksLimit: 6 },
      },
    },
    plugins: { legend: { display: false }, tooltip: tooltip(data, colors, font, mirrored) },
  };
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
