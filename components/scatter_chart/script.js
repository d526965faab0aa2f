/** Draws the points of `data-chart` where they lie. */
import { faded, plot } from "../../static/charts.js";

export default function scatterChart(root, host) {
  return plot(root, host, {
    type: "scatter",
    axes: "linear",
    fromZero: () => false,
    dataset: (data, color) => ({
      backgroundColor: faded(color, 0.75),
      borderColor: color,
      borderWidth: 1,
      pointRadius: 5,
      pointHoverRadius: 7,
    }),
  });
}
