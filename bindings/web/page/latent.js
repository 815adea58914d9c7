// The plane in which the classes differ most: clouds of corpora as ellipses, one's own recordings as points.
import clouds from "./clouds.js";
import { COLOURS } from "./timeline.js";
const w = words.page, byId = (id) => document.getElementById(id);
/** Squared radius within which half of a bivariate normal lies: 2 ln 2. */
const HALF = 2 * Math.log(2);
let points = [], classes = [], select = () => {};

// An ellipse of the covariance [a, b, c] = [xx, xy, yy] around a mean, by its Cholesky factor.
function ellipse([mx, my], [a, b, c]) {
  const l11 = Math.sqrt(a), l21 = b / l11, l22 = Math.sqrt(Math.max(0, c - l21 * l21)), r = Math.sqrt(HALF), x = [], y = [];
  for (let i = 0; i <= 72; i++) {
    const u = r * Math.cos((i * Math.PI) / 36), v = r * Math.sin((i * Math.PI) / 36);
    x.push(mx + l11 * u);
    y.push(my + l21 * u + l22 * v);
  }
  return { x, y };
}

export function begin(names, selected) {
  classes = names;
  select = selected;
  byId("corpus").replaceChildren(...clouds.corpora.map(({ title }, i) => recording.make("option", { value: i }, title)));
  byId("corpus").addEventListener("change", draw);
  theme.changed(draw);
}

/** Shows points: { name, latent, label, shown, id }. */
export function show(list) { points = list; draw(); }

function draw() {
  if (byId("shown").hidden) return;
  const corpus = clouds.corpora[byId("corpus").value || 0], box = byId("map");
  const traces = [...corpus.clouds].sort((a, b) => classes.indexOf(a.label) - classes.indexOf(b.label)).map(({ label, mean, covariance, recordings }) => {
    const colour = COLOURS[classes.indexOf(label)];
    return { ...ellipse(mean, covariance), mode: "lines", fill: "toself", fillcolor: colour + "33", line: { color: colour, width: 1.5 }, name: label + " (" + recordings + ")", hoverinfo: "name" };
  });
  traces.push({ x: points.map((p) => p.latent[0]), y: points.map((p) => p.latent[1]), customdata: points.map((p) => p.id), text: points.map((p) => p.name.replace(/[<>&]/g, " ") + "<br>" + p.label), hovertemplate: "%{text}<extra></extra>", mode: "markers", showlegend: false,
    marker: { size: points.map((p) => (p.shown ? 14 : 8)), color: theme.colour("--ink"), symbol: points.map((p) => (p.shown ? "star" : "circle")), line: { color: theme.colour("--paper"), width: 1 } } });
  box.setAttribute("aria-label", words.fill(w.mapLabel, { count: points.length, corpus: corpus.title }));
  Plotly.react(box, traces, theme.layout({ margin: { l: 30, r: 8, t: 8, b: 30 }, showlegend: true, legend: { orientation: "h", y: -0.1, font: { size: 11 } }, hovermode: "closest", xaxis: { zeroline: false }, yaxis: { scaleanchor: "x", zeroline: false } }), { displayModeBar: false, responsive: true });
  box.removeAllListeners("plotly_click");
  box.on("plotly_click", (event) => { const id = event.points[0].customdata; if (id !== undefined) select(id); });
}
