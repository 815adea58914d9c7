// A long recording through time: the probability of each class, turn by turn.
import { verdict, confidence } from "./answer.js";
const { make } = recording;
const w = words.page, byId = (id) => document.getElementById(id);
export const COLOURS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"];
let drawn = null;

/** Draws the turns of a recording; `select` is called with the number of one that was clicked. */
export function show(parts, classes, select) {
  byId("timeline").hidden = !parts.length;
  drawn = parts.length ? { parts, classes } : null;
  if (!drawn) return;
  byId("timeline-help").textContent = w.timelineHelp;
  byId("timeline-chart").setAttribute("aria-label", w.timelineLabel);
  draw();
  const chart = byId("timeline-chart");
  chart.removeAllListeners("plotly_click");
  chart.on("plotly_click", (event) => select(event.points[0].pointNumber));
  const head = [w.from, w.to, w.answer, w.confidence, ...classes].map((text, i) => make("th", { scope: "col", class: i === 2 ? "" : "n" }, text));
  const rows = parts.map((part, i) => {
    const button = make("button", { type: "button" }, part.start.toFixed(1));
    button.addEventListener("click", () => select(i));
    return make("tr", {}, make("td", { class: "n" }, button), ...[part.end.toFixed(1), verdict(part), confidence(part), ...part.support.map((p) => (part.guess ? "" : p.toFixed(2)))].map((text, k) => make("td", { class: k === 1 ? "" : "n" }, text)));
  });
  byId("turns").replaceChildren(make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
}

function draw() {
  if (!drawn) return;
  const { parts, classes } = drawn, x = parts.map((part) => (part.start + part.end) / 2), width = parts.map((part) => part.end - part.start);
  const traces = classes.map((name, i) => ({ type: "bar", x, width, y: parts.map((part) => part.support[i]), name, marker: { color: COLOURS[i], line: { width: 0 } }, hovertemplate: name + " %{y:.2f}<br>%{x:.1f} s<extra></extra>" }));
  // A grey bar above the classes marks turns in which the model abstains.
  const shapes = parts.filter((part) => part.abstained).map((part) => ({ type: "rect", x0: part.start, x1: part.end, y0: 1, y1: 1.06, fillcolor: theme.colour("--soft"), line: { width: 0 } }));
  Plotly.react(byId("timeline-chart"), traces, theme.layout({ barmode: "stack", margin: { l: 48, r: 10, t: 8, b: 42 }, showlegend: true, legend: { orientation: "h", y: 1.15 }, shapes, xaxis: { title: { text: words.view.time } }, yaxis: { range: [0, 1.06], fixedrange: true } }), { displayModeBar: false, responsive: true });
}
theme.changed(draw);
