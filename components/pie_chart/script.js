/** Draws `data-chart` as a disc or a ring; what its parts are says the table beside it. */
import { plot } from "../../static/charts.js";

export default function pieChart(root, host) {
  return plot(root, host, {
    type: (data) => (data.donut ? "doughnut" : "pie"),
    axes: "none",
    dataset: (data, _, { series, surface }) => ({
      backgroundColor: data.labels.map((_, place) => series[place % series.length]),
      borderColor: surface,
      borderWidth: 2,
      cutout: data.donut ? "64%" : 0,
      hoverOffset: 4,
    }),
  });
}
