/** Draws `data-chart` as bars, beside or upon each other. */
import { plot } from "../../static/charts.js";

export default function barChart(root, host) {
  return plot(root, host, {
    type: "bar",
    everyName: true,
    fromZero: () => true,
    dataset: (data, color) => ({
      backgroundColor: color,
      borderRadius: data.stacked ? 2 : 5,
      borderSkipped: data.stacked ? false : "start",
      maxBarThickness: 48,
      categoryPercentage: 0.7,
      barPercentage: 0.9,
    }),
  });
}
