/**
 * Chart.js with what bar and line charts need, and how genui draws them. A bundle of its own, which
 * only a chart's script imports: a page without charts never loads it.
 */

import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Filler,
  Legend,
  LineController,
  LineElement,
  LinearScale,
  PointElement,
  Tooltip,
} from "chart.js";

Chart.register(BarController, BarElement, CategoryScale, Filler, Legend, LineController, LineElement, LinearScale, PointElement, Tooltip);

export { Chart };
export { faded, plot } from "./plot.ts";
export { themeColors } from "./theme.ts";
