// The map: marks, filters, and the same with keys alone.
"use strict";
(() => {
  const { data, rows, named, make } = details;
  const box = document.getElementById("plot");
  const control = (name) => document.getElementById("f-" + name);
  const option = (text, value) => make("option", text, { value });
  data.experiments.forEach((e, i) => control("model").append(option(e.name, i)));
  for (const c of data.classes) {
    const label = make("label");
    label.append(make("input", null, { type: "checkbox", checked: "", value: c.name }), make("span", c.name));
    control("class").append(label);
  }
  const boxes = [...control("class").querySelectorAll("input")];
  const unique = (values) => [...new Set(values)].filter(Boolean).sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  const fill = (select, names, all, kept) => {
    select.textContent = "";
    select.append(option(all, ""));
    for (const name of names) select.append(option(name, name));
    select.value = names.includes(kept) ? kept : "";
  };

  let experiment, visible = [], here = -1;

  function choices() {
    experiment = data.experiments[control("model").value];
    fill(control("set"), experiment.sets.filter((_, i) => experiment.set.includes(i)), "all sets", control("set").value);
    fill(control("corpus"), unique(experiment.row.map((r) => named("corpus", r))), "all corpora", control("corpus").value);
    speakers();
  }
  function speakers() {
    const corpus = control("corpus").value;
    const of = experiment.row.filter((r) => !corpus || named("corpus", r) === corpus);
    fill(control("speaker"), unique(of.map(speakerOf)), "all speakers", control("speaker").value);
  }
  // Speakers of different corpora may share a name.
  function speakerOf(row) { const name = named("speaker", row); return name ? named("corpus", row) + " " + name : ""; }

  function filter() {
    const set = control("set").value, corpus = control("corpus").value, speaker = control("speaker").value;
    const text = control("file").value.trim().toLowerCase();
    const classes = new Set(boxes.filter((b) => b.checked).map((b) => b.value));
    visible = [];
    experiment.row.forEach((row, i) => {
      if (set && experiment.sets[experiment.set[i]] !== set) return;
      if (corpus && named("corpus", row) !== corpus) return;
      if (speaker && speakerOf(row) !== speaker) return;
      if (!classes.has(named("label", row))) return;
      if (text && !rows.file[row].toLowerCase().includes(text)) return;
      visible.push(i);
    });
  }

  const predicted = (i) => experiment.classes[experiment.predicted[i]];
  const right = (i) => predicted(i) === named("label", experiment.row[i]);
  const escape = (text) => String(text).replace(/[&<>"']/g, (c) => "&#" + c.charCodeAt(0) + ";");
  // At most so many letters: a hint must fit a phone.
  const short = (text) => (text.length > 34 ? "…" + text.slice(-33) : text);
  function says(i, join, clean) {
    const row = experiment.row[i];
    const percent = experiment.percentOf(i);
    const lines = [clean(short(rows.file[row])), "label " + clean(named("label", row)) + ", predicted " + clean(predicted(i))];
    if (percent) lines.push(experiment.classes.map((c, k) => clean(c) + " " + percent[k] + " %").join(", "));
    lines.push(clean([speakerOf(row), experiment.sets[experiment.set[i]]].filter(Boolean).join("; ")));
    return lines.join(join);
  }

  function groups() {
    const by = control("colour").value;
    if (by === "right") return [
      { name: "right", colour: "#0072B2", symbol: "circle", has: right }, { name: "wrong", colour: "#D55E00", symbol: "x", has: (i) => !right(i) }];
    const of = by === "predicted" ? predicted : (i) => named("label", experiment.row[i]);
    return data.classes.map((c) => ({ name: c.name, colour: c.colour, symbol: c.symbol, has: (i) => of(i) === c.name }));
  }

  function draw(keepView) {
    const view = keepView && box.layout ? { x: box.layout.xaxis.range, y: box.layout.yaxis.range } : null;
    const size = visible.length > 1500 ? 5 : 7;
    const traces = groups().map((group) => {
      const of = visible.filter(group.has);
      return { type: "scatter", mode: "markers", name: group.name + " (" + of.length + ")", customdata: of, x: of.map((i) => experiment.x[i]), y: of.map((i) => experiment.y[i]),
        text: of.map((i) => says(i, "<br>", escape)), hovertemplate: "%{text}<extra></extra>", marker: { color: group.colour, symbol: group.symbol, size, opacity: 0.72, line: { width: 0 } } };
    });
    traces.push({ type: "scatter", mode: "markers", x: here < 0 ? [] : [experiment.x[here]], y: here < 0 ? [] : [experiment.y[here]], hoverinfo: "skip", showlegend: false, marker: { symbol: "circle-open", size: 17, color: theme.colour("--ink"), line: { width: 2.5 } } });
    const layout = theme.layout({ margin: { l: 12, r: 12, t: 8, b: 24 }, showlegend: true, legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, itemclick: false, itemdoubleclick: false }, hovermode: "closest", dragmode: "pan",
      xaxis: { title: { text: "latent dimension 1" }, zeroline: false }, yaxis: { title: { text: "latent dimension 2" }, zeroline: false } });
    if (view) { layout.xaxis.range = view.x; layout.yaxis.range = view.y; }
    Plotly.react(box, traces, layout, { responsive: true, displaylogo: false, scrollZoom: false, modeBarButtons: [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]] });
    const wrong = visible.filter((i) => !right(i)).length;
    document.getElementById("count").textContent = visible.length + " of " + experiment.row.length + " recordings shown; " + wrong + " of these predicted otherwise than labelled.";
  }

  function mark(i) {
    here = i;
    Plotly.restyle(box, { x: [[experiment.x[i]]], y: [[experiment.y[i]]] }, [box.data.length - 1]);
    document.getElementById("here").textContent = says(i, "; ", String);
  }

  // The nearest mark in a direction: ahead counts, aside counts twice.
  function next(dx, dy) {
    if (!visible.length) return;
    if (here < 0 || !visible.includes(here)) { mark(visible[0]); return; }
    const span = (v) => Math.max(...v) - Math.min(...v) || 1;
    const sx = span(visible.map((i) => experiment.x[i])), sy = span(visible.map((i) => experiment.y[i]));
    let best = -1, least = Infinity;
    for (const i of visible) {
      const x = (experiment.x[i] - experiment.x[here]) / sx, y = (experiment.y[i] - experiment.y[here]) / sy;
      const ahead = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
      if (ahead <= 1e-9 || aside > 2 * ahead) continue;
      const far = ahead + 2 * aside;
      if (far < least) { least = far; best = i; }
    }
    if (best >= 0) mark(best);
  }

  box.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (step) next(...step);
    else if (event.key === "Enter" && here >= 0) details.show(experiment, here, true);
    else if (event.key === " ") { if (here >= 0 && !document.querySelector("#details audio")) details.show(experiment, here, false); details.play(); }
    else return;
    event.preventDefault();
  });
  document.getElementById("details").addEventListener("keydown", (event) => { if (event.key === "Escape") box.focus(); });
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("filters").addEventListener("input", (event) => {
    const model = event.target === control("model");
    if (model) { here = -1; choices(); }
    if (event.target === control("corpus")) speakers();
    filter();
    if (here >= 0 && !visible.includes(here)) here = -1;
    draw(!model);
  });
  choices();
  filter();
  draw(false);
  box.on("plotly_click", (event) => {
    const i = event.points[0] && event.points[0].customdata;
    if (typeof i !== "number") return;
    mark(i);
    details.show(experiment, i, true);
  });
  theme.changed(() => draw(true));
})();
