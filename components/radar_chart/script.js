/** Draws `data-chart` around a center, one spoke for each label. */
import { faded, plot } from "../../static/charts.js";

export default function radarChart(root, host) {
  return plot(root, host, {
    type: "radar",
    axes: "radial",
    dataset: (data, color) => ({
      borderColor: color,
      borderWidth: 2,
      backgroundColor: faded(color, 0.14),
      pointBackgroundColor: color,
      pointBorderWidth: 0,
      pointRadius: 2.5,
      pointHoverRadius: 5,
    }),
  });
}
