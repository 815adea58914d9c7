// The panel beside the map: what a recording is, what the model said, how it sounds, what spoke for it.
"use strict";
const details = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const panel = document.getElementById("details");
  const rows = data.rows;
  const named = (column, row) => rows.names[rows[column][row]];
  const unpack = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  for (const e of data.experiments) {
    e.set = unpack(e.set);
    e.predicted = unpack(e.predicted);
    const k = e.classes.length, percent = e.percent && unpack(e.percent);
    e.percentOf = (i) => percent && [...percent.subarray(i * k, (i + 1) * k)];
    const held = { fold: unpack(e.held.fold), predicted: unpack(e.held.predicted), percent: e.held.percent && unpack(e.held.percent) };
    e.heldOf = new Map();
    let nth = 0;
    e.row.forEach((row, i) => {
      if (e.set[i] !== e.trained) return;
      const j = nth++;
      if (held.predicted[j] < k) e.heldOf.set(row, { fold: held.fold[j], predicted: held.predicted[j], percent: held.percent && [...held.percent.subarray(j * k, (j + 1) * k)] });
    });
  }
  const contours = new Map();
  {
    const c = data.contours, bytes = unpack(c.data);
    let at = 0;
    c.row.forEach((row, i) => {
      const n = c.points[i];
      contours.set(row, { n, hop: c.hop_ms[i] / 1000, loudest: c.loudest[i], bytes: bytes.subarray(at, (at += 5 * n)) });
    });
  }
  let again = () => {};

  // Everything from the data becomes text, never markup.
  const make = (tag, text, attributes) => {
    const element = document.createElement(tag);
    if (text !== undefined && text !== null) element.textContent = text;
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    return element;
  };
  const colourOf = (name) => { const known = data.classes.find((c) => c.name === name); return known ? known.colour : theme.colour("--soft"); };
  const seconds = (s) => s.toFixed(2) + " s";

  function probabilities(experiment, percents) {
    const box = make("div");
    percents.forEach((percent, i) => {
      const line = make("div", null, { class: "probability" });
      const bar = make("span", null, { class: "bar" });
      const fill = make("i");
      fill.style.width = percent + "%";
      fill.style.background = colourOf(experiment.classes[i]);
      bar.append(fill);
      line.append(make("span", experiment.classes[i], { title: experiment.classes[i] }), bar, make("span", percent + " %", { class: "n" }));
      box.append(line);
    });
    return box;
  }

  function drawContours(row) {
    const packed = contours.get(row);
    if (!packed || !packed.n) return;
    const { n, bytes } = packed;
    const time = Array.from({ length: n }, (_, i) => (i + 0.5) * packed.hop);
    const part = (k, value) => Array.from(bytes.subarray(k * n, (k + 1) * n), (b) => (b ? value(b) : null));
    panel.append(make("h4", "Pitch, loudness, formants"));
    const chart = make("div", null, { class: "chart tall", role: "img", "aria-label": "Contours of pitch, loudness and formants over time" });
    panel.append(chart);
    const line = (y, axis, colour, name, unit, dash) => ({ x: time, y, xaxis: "x", yaxis: axis, mode: "lines", name, line: { color: colour, width: 1.6, dash }, connectgaps: false, hovertemplate: name + " %{y:.3~g}" + unit + "<br>%{x:.2f} s<extra></extra>" });
    const traces = [
      line(part(0, (b) => 27.5 * 2 ** (b / 48)), "y3", theme.colour("--accent"), "F0", " Hz", "solid"),
      line(part(1, (b) => (b / 255) * packed.loudest), "y2", theme.colour("--ink"), "Loudness", "", "solid"),
      line(part(2, (b) => 20 * b), "y", "#D55E00", "F1", " Hz", "solid"), line(part(3, (b) => 20 * b), "y", "#009E73", "F2", " Hz", "dash"), line(part(4, (b) => 20 * b), "y", "#CC79A7", "F3", " Hz", "dot"),
    ];
    Plotly.newPlot(chart, traces, theme.layout({
      margin: { l: 52, r: 8, t: 4, b: 36 }, xaxis: { title: { text: "time / s" }, anchor: "y" },
      yaxis: { domain: [0, 0.36], title: { text: "formants / Hz", font: { size: 11 } }, rangemode: "tozero" }, yaxis2: { domain: [0.42, 0.66], title: { text: "loudness", font: { size: 11 } }, rangemode: "tozero" },
      yaxis3: { domain: [0.72, 1], title: { text: "F0 / Hz", font: { size: 11 } } },
    }), { displayModeBar: false, responsive: true });
  }

  function drawAttributions(row) {
    const of = data.attributions.filter((a) => a.recordings.some((r) => r[0] === row));
    if (!of.length) return;
    const choices = of.flatMap((a) => a.recordings.filter((r) => r[0] === row).map((r) => ({ a, r, name: a.targets[r[1]] + " – " + a.name })));
    panel.append(make("h4", "What contributed (DeepLIFT)"));
    const select = make("select", null, { "aria-label": "Contributions to what" });
    choices.forEach((c, i) => select.append(make("option", c.name, { value: i })));
    const chart = make("div", null, { class: "chart tall" });
    const draw = () => {
      const { a, r } = choices[select.value];
      const pairs = a.groups.map((g, i) => [g, r[2][i] * a.unit]).sort((p, q) => Math.abs(q[1]) - Math.abs(p[1])).slice(0, 12).reverse();
      chart.setAttribute("role", "img");
      chart.setAttribute("aria-label", pairs.slice().reverse().map((p) => p[0] + " " + p[1].toFixed(2)).join(", "));
      Plotly.react(chart, [{ type: "bar", orientation: "h", y: pairs.map((p) => p[0]), x: pairs.map((p) => p[1]), marker: { color: pairs.map((p) => (p[1] < 0 ? "#E69F00" : "#0072B2")) }, hovertemplate: "%{y}: %{x:.3f}<extra></extra>" }],
        theme.layout({ margin: { l: 10, r: 10, t: 4, b: 38 }, xaxis: { title: { text: "contribution, of the target’s own unit" } }, yaxis: { tickfont: { size: 11 }, ticks: "" }, bargap: 0.25 }), { displayModeBar: false, responsive: true });
    };
    select.addEventListener("change", draw);
    panel.append(select, chart);
    draw();
  }

  // Shows point `i` of an experiment.
  function show(experiment, i, focus) {
    again = () => show(experiment, i, false);
    const row = experiment.row[i];
    panel.textContent = "";
    panel.append(make("h3", rows.file[row].split(/[/\\]/).pop()));
    const list = make("dl");
    const fact = (name, value) => { if (value) list.append(make("dt", name), make("dd", value)); };
    fact("File", rows.folder + rows.file[row]);
    fact("Corpus", named("corpus", row));
    fact("Speaker", [named("speaker", row), named("gender", row)].filter(Boolean).join(", "));
    fact("Label", named("label", row));
    if (rows.start[row] !== null) fact("Part", seconds(rows.start[row]) + " to " + seconds(rows.end[row] || 0));
    const trained = experiment.set[i] === experiment.trained;
    const held = trained && experiment.heldOf.get(row);
    fact("Predicted", experiment.classes[experiment.predicted[i]] + (trained ? " (by a model that learnt from it)" : ""));
    if (held) fact("Held out", experiment.classes[held.predicted] + " (by the model of fold " + (held.fold + 1) + ", which did not)");
    panel.append(list);
    const url = data.urls && data.urls[row];
    if (url) {
      const player = make("audio", null, { controls: "", preload: "none", "aria-label": "Recording" });
      const from = rows.start[row], to = rows.end[row];
      player.src = url + (from !== null && to ? "#t=" + from + "," + to : "");
      player.addEventListener("error", () => player.replaceWith(make("p", "The recording is not where this page expects it: " + (url.startsWith("data:") ? "inside the page" : url), { class: "hint" })));
      panel.append(player);
    }
    const percents = held ? held.percent : experiment.percentOf(i);
    if (percents) panel.append(make("h4", held ? "Probabilities, held out" : "Probabilities"), probabilities(experiment, percents));
    drawContours(row);
    drawAttributions(row);
    if (focus) { panel.focus({ preventScroll: true }); if (matchMedia("(max-width: 62rem)").matches) panel.scrollIntoView({ block: "nearest" }); }
  }

  function play() {
    const player = panel.querySelector("audio");
    if (!player) return;
    if (player.paused) player.play().catch(() => {}); else player.pause();
  }
  theme.changed(() => again());
  return { data, rows, named, make, show, play };
})();
