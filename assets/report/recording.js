// The view of one recording: facts, an estimate, lines through time above each other, and features as bars. `ser report` and the page in the browser
// draw it with this same code: `recording.show(container, data)`. Sections whose data are missing are left out.
"use strict";
const recording = (() => {
  const w = words.view;
  let data = null, time = null, bars = null, player = null, timer = 0, whole = true;
  const at = (n) => Array.from({ length: n }, (_, i) => data.start + i * data.hop);
  const narrow = () => matchMedia("(max-width: 44rem)").matches;
  const config = { displayModeBar: false, responsive: true };
  const escape = (text) => String(text).replace(/[&<>"']/g, (c) => "&#" + c.charCodeAt(0) + ";");
  const number = (v) => (v === null ? "–" : Number(v.toPrecision(4)).toString().replace("-", "−"));

  // An element with attributes and children; strings become text, never markup.
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  const items = (list) => make("ul", {}, ...list.map((text) => make("li", {}, text)));

  // A bar per class; of a guess without percentages.
  function probabilities(classes, guess) {
    return classes.map(([name, p]) => {
      const fill = make("i"), percent = guess ? "" : (100 * p).toFixed(0) + " %";
      fill.style.width = 100 * p + "%";
      fill.style.background = "var(--accent)";
      return make("div", { class: "probability" }, make("span", { title: name }, name), make("span", { class: "bar" }, fill), make("span", { class: "n" }, percent));
    });
  }

  // Stretches of voiced frames: [from, to].
  function voiced() {
    const list = [];
    data.pitch.forEach((f0, i) => {
      if (f0 === null) return;
      const from = data.start + (i - 0.5) * data.hop, last = list[list.length - 1];
      if (last && from - last[1] < data.hop / 2) last[1] = from + data.hop; else list.push([from, from + data.hop]);
    });
    return list;
  }

  function drawTime() {
    const o = data.outline, t = at(data.pitch.length), spectrogram = data.spectrogram;
    const ink = theme.colour("--ink"), accent = theme.colour("--accent");
    const colours = ["#D55E00", "#009E73", "#CC79A7"];
    const traces = [
      { x: o.time.concat(o.time.slice().reverse()), y: o.high.concat(o.low.slice().reverse()), fill: "toself", mode: "lines", line: { width: 0.5, color: ink }, fillcolor: ink, hoverinfo: "skip", yaxis: "y" },
      ...data.formants.map((f, i) => ({ x: at(f.length), y: f.map((v, k) => (data.pitch[k] === null || data.pitch[k] === undefined ? null : v)), mode: "markers", marker: { size: 3.5, color: colours[i], symbol: ["circle", "square", "diamond"][i] }, name: "F" + (i + 1), hovertemplate: "F" + (i + 1) + " %{y:.0f} Hz<br>%{x:.2f} s<extra></extra>", yaxis: "y2", showlegend: true })),
      { x: t, y: data.pitch, mode: "lines+markers", connectgaps: false, line: { color: accent, width: 1.6 }, marker: { size: 2.5 }, hovertemplate: "F0 %{y:.0f} Hz<br>%{x:.2f} s<extra></extra>", yaxis: "y3" },
      { x: at(data.loudness.length), y: data.loudness.map((v) => v || 0), mode: "lines", line: { color: ink, width: 1.4 }, hovertemplate: w.loudness + " %{y:.2f}<br>%{x:.2f} s<extra></extra>", yaxis: "y4" },
    ];
    const shapes = voiced().map(([x0, x1]) => ({ type: "rect", xref: "x", yref: "y5", x0, x1, y0: 0, y1: 1, fillcolor: accent, line: { width: 0 } }));
    // Stretches that an explanation names, behind the waveform.
    for (const mark of data.marks || []) shapes.push({ type: "rect", xref: "x", yref: "y domain", x0: mark.from, x1: mark.to, y0: 0, y1: 1, fillcolor: mark.for ? "#009E73" : "#D55E00", opacity: 0.3, line: { width: 0 }, layer: "below" });
    if (player) shapes.push({ type: "line", xref: "x", yref: "paper", x0: player.currentTime, x1: player.currentTime, y0: 0, y1: 1, line: { color: colours[0], width: 1.5 } });
    // An axis needs a trace to be drawn.
    traces.push({ x: [0], y: [0.5], mode: "markers", marker: { opacity: 0 }, hoverinfo: "skip", yaxis: "y5" });
    for (const trace of traces) if (trace.showlegend === undefined) trace.showlegend = false;
    const title = (text) => ({ text, font: { size: narrow() ? 10 : 12 } });
    const y = (domain, text, more) => Object.assign({ domain, title: title(text), fixedrange: true }, more);
    const layout = theme.layout({
      margin: { l: narrow() ? 48 : 64, r: 10, t: 8, b: 42 }, hovermode: "closest", dragmode: "zoom", showlegend: true,
      legend: { orientation: "h", x: 1, xanchor: "right", y: 0.845, yanchor: "bottom", itemclick: false, itemdoubleclick: false, font: { size: 11 } },
      xaxis: { title: title(w.time), range: [0, data.duration], anchor: "y5", zeroline: false },
      yaxis: y([0.87, 1], w.amplitude), yaxis2: y([0.5, 0.84], w.frequency, { range: spectrogram.hz, showgrid: false, zeroline: false }),
      yaxis3: y([0.29, 0.47], w.pitch), yaxis4: y([0.11, 0.26], w.loudness, { rangemode: "tozero" }),
      yaxis5: y([0.03, 0.08], w.voiced, { range: [0, 1], showticklabels: false, ticks: "", showgrid: false, zeroline: false }),
      images: [{ source: spectrogram.url, xref: "x", yref: "y2", x: spectrogram.seconds[0], y: spectrogram.hz[1], sizex: spectrogram.seconds[1] - spectrogram.seconds[0], sizey: spectrogram.hz[1] - spectrogram.hz[0], sizing: "stretch", layer: "below" }],
      shapes,
    });
    if (!whole && time.layout && !time.layout.xaxis.autorange) layout.xaxis.range = time.layout.xaxis.range;
    whole = false;
    Plotly.react(time, traces, layout, config);
  }

  // What a column's name adds to its group: shorter than the name.
  const label = (f) => f.name.replace(/_sma3(nz)?/, "").replace("F0semitoneFrom27.5Hz", "F0").replace("logRelF0-", "").replace("AmplitudeLogRelF0", " amp.").replace("amplitudeLogRelF0", " amp.").replace(/frequency/, " freq.").replace(/bandwidth/, " bandw.").replace("stddevNorm", "sd/mean").replace("percentile", "p").replace("pctlrange0-2", "p80–p20").replace("amean", "mean").replace(/_/g, " ");

  function drawBars() {
    const features = data.features.filter((f) => f.z !== null);
    if (!bars || !features.length) return;
    const LIMIT = 5, rows = [], ticks = [], texts = [], lines = [];
    let y = 0;
    features.forEach((f, i) => {
      if (!i || f.group !== features[i - 1].group) { if (i) lines.push(y + 0.3); y += i ? 0.6 : 0; ticks.push(y); texts.push("<b>" + escape(f.group) + "</b>"); y += 1; }
      rows.push(y); ticks.push(y); texts.push(escape(label(f)));
      y += 1;
    });
    bars.style.height = Math.max(240, 17 * y + 90) + "px";
    const clamp = (z) => Math.max(-LIMIT, Math.min(LIMIT, z));
    const far = features.map((f) => Math.abs(f.z) > LIMIT);
    const shown = (f) => escape(f.meaning || f.name) + "<br>" + words.fill(w.population, { value: number(f.value), unit: escape(f.unit), mean: number(f.mean), sd: number(f.sd) }) + "<br>z = " + f.z.toFixed(2).replace("-", "−");
    const wrap = (text) => text.replace(/(.{1,46})(\s|$)/g, "$1<br>").replace(/(<br>)+/g, "<br>").replace(/<br>$/, "");
    Plotly.react(bars, [
      { type: "bar", orientation: "h", y: rows, x: features.map((f) => clamp(f.z)), width: 0.72, marker: { color: features.map((f) => (f.z < 0 ? "#E69F00" : "#0072B2")) }, text: features.map((f) => wrap(shown(f))), textposition: "none", hovertemplate: "%{text}<extra></extra>" },
      { type: "scatter", mode: "markers", x: features.filter((_, i) => far[i]).map((f) => clamp(f.z)), y: rows.filter((_, i) => far[i]), marker: { size: 9, color: theme.colour("--ink"), symbol: features.filter((_, i) => far[i]).map((f) => (f.z < 0 ? "triangle-left" : "triangle-right")) }, hoverinfo: "skip", cliponaxis: false },
    ], theme.layout({
      margin: { l: 10, r: 14, t: 38, b: 40 }, bargap: 0.2, hovermode: "closest", dragmode: false,
      xaxis: { range: [-LIMIT - 0.2, LIMIT + 0.2], title: { text: w.z }, fixedrange: true, side: "top", dtick: narrow() ? 2 : 1 },
      yaxis: { tickvals: ticks, ticktext: texts, range: [y - 0.2, -0.8], fixedrange: true, tickfont: { size: 10.5 }, ticks: "", showgrid: false, zeroline: false },
      shapes: [{ type: "rect", xref: "x", yref: "paper", x0: -1.96, x1: 1.96, y0: 0, y1: 1, fillcolor: theme.colour("--soft"), opacity: 0.13, line: { width: 0 }, layer: "below" },
        ...lines.map((v) => ({ type: "line", xref: "paper", x0: 0, x1: 1, yref: "y", y0: v - 0.5, y1: v - 0.5, line: { color: theme.colour("--line"), width: 1 } }))],
    }), config);
  }

  function table() {
    const right = new Set([1, 3, 4, 5]), numeric = (i) => (right.has(i) ? { class: "n" } : {});
    const head = make("tr", {}, ...w.head.map((text, i) => make("th", { scope: "col", ...numeric(i) }, text)));
    const rows = data.features.map((f) => make("tr", {}, make("th", { scope: "row" }, f.name),
      ...[number(f.value), f.unit, number(f.mean), number(f.sd), number(f.z), f.meaning].map((text, i) => make("td", numeric(i + 1), text))));
    return make("table", { id: "values" }, make("thead", {}, head), make("tbody", {}, ...rows));
  }

  // The cursor follows what is played.
  function follow() {
    const move = () => { if (!time || !time.layout) return; const k = time.layout.shapes.length - 1; Plotly.relayout(time, { ["shapes[" + k + "].x0"]: player.currentTime, ["shapes[" + k + "].x1"]: player.currentTime }); };
    player.addEventListener("play", () => { clearInterval(timer); timer = setInterval(move, 100); });
    for (const name of ["pause", "ended", "seeked"]) player.addEventListener(name, () => { if (player.paused) clearInterval(timer); move(); });
    time.removeAllListeners("plotly_click");
    time.on("plotly_click", (event) => { player.currentTime = Math.max(0, event.points[0].x); });
  }

  function sections() {
    const list = [];
    if (data.facts) list.push(make("ul", { class: "facts", "aria-label": w.facts }, ...data.facts.map(([name, value]) => make("li", {}, name, make("b", {}, value)))));
    if (data.guess) {
      list.push(make("section", { id: "guess" }, make("h2", {}, words.fill(w.guess, data.guess)), ...probabilities(data.guess.classes, data.guess.bars_only), items(data.guess.reasons)));
    }
    player = data.audio ? make("audio", { id: "player", controls: "", src: data.audio, "aria-label": w.player }) : null;
    // Charts are kept from one recording to the next: Plotly minds losing one under the pointer.
    if (!time) {
      time = make("div", { id: "time", class: "chart", role: "img", "aria-label": w.chart });
      time.style.height = "56rem";
    }
    list.push(make("section", { id: "signal" }, make("h2", {}, w.signal), ...(player ? [player] : []), time, make("p", { class: "small" }, words.fill(w.help, data))));
    if (data.features.length) {
      const section = make("section", { id: "features" }, make("h2", {}, data.population ? words.fill(w.against, data) : w.features));
      if (data.population) {
        section.append(...(data.far.length ? [make("p", {}, w.far), items(data.far)] : [make("p", {}, w.near)]));
        bars = bars || make("div", { id: "bars", class: "chart", role: "img", "aria-label": w.barsLabel });
        section.append(bars, make("p", { class: "small" }, w.bars));
      }
      section.append(make("details", {}, make("summary", {}, w.all), make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": w.table }, table())));
      list.push(section);
    }
    return list;
  }

  // Draws a recording into an element, in place of the one before.
  function show(container, recording) {
    clearInterval(timer);
    whole = true;
    data = recording;
    container.replaceChildren(...sections());
    drawTime();
    drawBars();
    if (player) follow();
  }

  // Sees a stretch, held within the recording.
  function look(from, to) {
    if (!time) return;
    const length = Math.min(data.duration, Math.max(0.05, to - from)), start = Math.max(0, Math.min(data.duration - length, from));
    Plotly.relayout(time, { "xaxis.range": [start, start + length] });
  }

  // Zooms around the cursor, or around the middle where nothing plays.
  function zoom(factor) {
    if (!time) return;
    const [from, to] = time.layout.xaxis.range, now = player ? player.currentTime : 0;
    const middle = now > from && now < to ? now : (from + to) / 2, length = (to - from) * factor;
    look(middle - length / 2, middle + length / 2);
  }

  theme.changed(() => { if (data) { drawTime(); drawBars(); } });
  return { show, look, zoom, make, probabilities, all: () => data && look(0, data.duration), chart: () => time, player: () => player };
})();
