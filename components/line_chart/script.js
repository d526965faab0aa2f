/** Draws `data-chart` as lines that grow as their points arrive. */
import { Chart, themeColors } from "../../static/charts.js";

const STILL = matchMedia("(prefers-reduced-motion: reduce)");

function datasets(data, colors) {
  return data.series.map((line, index) => {
    const color = colors.series[index % colors.series.length];
    return {
      label: line?.name || "Value",
      data: line?.values ?? [],
      borderColor: color,
      backgroundColor: color.replace(/^rgba?\(([^,]+,[^,]+,[^,)]+).*$/, "rgba($1, 0.14)"),
      fill: data.area ? "origin" : false,
      pointBackgroundColor: color,
      pointRadius: data.labels.length > 24 ? 0 : 2.5,
      pointHoverRadius: 5,
      borderWidth: 2,
      cubicInterpolationMode: "monotone",
      spanGaps: true,
    };
  });
}
