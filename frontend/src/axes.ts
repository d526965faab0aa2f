/** The scales of each kind of chart, in the theme's colors. */

import type { ChartOptions, Scale } from "chart.js";
import type { ChartData } from "./plot.ts";
import type { ThemeColors } from "./theme.ts";

/** category: names along x · linear: numbers along both · radial: names around a center · none. */
export type Axes = "category" | "linear" | "radial" | "none";

export interface Frame {
  data: ChartData;
  colors: ThemeColors;
  font: { family: string; size: number };
  mirrored: boolean;
  fromZero: boolean;
  everyName: boolean;
}

type Scales = NonNullable<ChartOptions<"line" | "radar">["scales"]>;

/** Numbers that lie within this part of the greatest are told apart only when the axis leaves zero out. */
const FAR_FROM_ZERO = 0.6;

const MOST_NAMES = 24;
const LONGEST_NAME = 18; // letters
const GAP = 8; // px: between a name and its axis, as long as the mark there

export function scales(axes: Axes, frame: Frame): Scales {
  if (axes === "none") return {};
  if (axes === "radial") return { r: radial(frame) };
  const { stacked, horizontal, x_label, y_label } = frame.data;
  const along = axes === "category" ? named(frame) : measured(frame, x_label);
  const [x, y] = horizontal ? [measured(frame, y_label), along] : [along, measured(frame, y_label)];
  return {
    x: { ...x, stacked: stacked ?? false, reverse: frame.mirrored },
    y: { ...y, stacked: stacked ?? false, position: frame.mirrored ? "right" : "left" },
  };
}

/** Whether an axis of these values may begin elsewhere than at zero without telling a different story. */
export function farFromZero(values: readonly number[]): boolean {
  const low = Math.min(...values.map(Math.abs));
  const high = Math.max(...values.map(Math.abs));
  const oneSided = values.every((value) => value > 0) || values.every((value) => value < 0);
  return values.length > 1 && oneSided && low > high * FAR_FROM_ZERO;
}

function isShown({ data }: Frame): boolean {
  return data.series.some((line) => line?.values?.length || line?.points?.length);
}

function ticks({ colors, font }: Frame) {
  return { color: colors.muted, font, padding: GAP, maxRotation: 0, autoSkipPadding: 12 };
}

function named(frame: Frame) {
  const names = frame.everyName && frame.data.labels.length <= MOST_NAMES ? { autoSkip: false, maxRotation: 90 } : {};
  const written = {
    callback(this: Scale, _: string | number, at: number) {
      const name = shortened(String(frame.data.labels[at] ?? ""));
      return frame.data.horizontal ? fitted(name, frame, this.chart) : name;
    },
  };
  return { display: isShown(frame), grid: { display: false }, border: { color: frame.colors.border }, ticks: { ...ticks(frame), ...names, ...written } };
}

/** A long name would leave no room for what it names; the tooltip and the table say it whole. */
function shortened(name: string): string {
  const letters = [...name];
  return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME - 1).join("")}…` : name;
}

/** A name at the side has half of the chart; what is longer would be cut at its beginning. */
function fitted(name: string, { font }: Frame, { ctx, width }: Scale["chart"]): string {
  const room = width / 2 - 3 * GAP;
  const letters = [...name.replace(/…$/, "")];
  let text = name;
  ctx.save();
  ctx.font = `${font.size}px ${font.family}`;
  while (ctx.measureText(text).width > room && letters.length > 1) {
    letters.pop();
    text = `${letters.join("").trimEnd()}…`;
  }
  ctx.restore();
  return text;
}

function measured(frame: Frame, title: string | null | undefined) {
  const { colors, font, fromZero } = frame;
  return {
    display: isShown(frame),
    beginAtZero: fromZero,
    grace: fromZero ? 0 : "8%",
    grid: { color: faded(colors.border, 0.6), tickLength: 0 },
    border: { display: false },
    ticks: { ...ticks(frame), maxTicksLimit: 6 },
    title: { display: Boolean(title), text: title ?? "", color: colors.muted, font },
  } as const;
}

function radial(frame: Frame) {
  const { colors, font } = frame;
  const line = { color: faded(colors.border, 0.9) };
  return {
    display: isShown(frame),
    beginAtZero: true,
    angleLines: line,
    grid: line,
    pointLabels: { color: colors.muted, font },
    ticks: { color: colors.muted, font: { ...font, size: 10 }, backdropColor: "transparent", maxTicksLimit: 5 },
  };
}

/** A color at a part of its strength, from the `rgb()` that a browser computes. */
export function faded(color: string, alpha: number): string {
  const [red, green, blue] = color.match(/[\d.]+/g) ?? [];
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}
