/** Draws `data-chart` as lines, filled below when `area` is set. */
import { faded, plot } from "../../static/charts.js";

const CROWDED = 24; // points; with more of them, only the line is drawn

export default function lineChart(root, host) {
  return plot(root, host, {
    type: "line",
    fromZero: (data) => data.area || undefined,
    dataset: (data, color) => ({
      borderColor: color,
      borderWidth: 2,
      backgroundColor: data.area ? faded(color, 0.13) : color,
      fill: data.area ? "origin" : false,
      pointBackgroundColor: color,
      pointBorderWidth: 0,
      pointRadius: data.labels.length > CROWDED ? 0 : 2.5,
      pointHoverRadius: 5,
      cubicInterpolationMode: "monotone",
      spanGaps: true,
    }),
  });
}
