/** Draws `data-chart` as areas, each upon the one before. */
import { faded, plot } from "../../static/charts.js";

export default function areaChart(root, host) {
  return plot(root, host, {
    type: "line",
    fromZero: () => true,
    dataset: (data, color, _, index) => ({
      borderColor: color,
      borderWidth: 2,
      backgroundColor: faded(color, 0.28),
      fill: index > 0 ? "-1" : "origin",
      pointRadius: 0,
      pointHoverRadius: 5,
      pointBackgroundColor: color,
      cubicInterpolationMode: "monotone",
    }),
  });
}
