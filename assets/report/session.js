// The page of a session: turns per speaker, pitch and loudness on one canvas, the latent path on another. Only what is in view is drawn.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { turns, classes, course } = data;
  const colours = new Map(classes.map((c) => [c.name, c.colour]));
  const speakers = [...new Set(turns.map((t) => t.speaker))];
  const canvas = document.getElementById("course"), path = document.getElementById("path"), player = document.getElementById("player");
  const LANE = 34, PITCH = 110, LOUD = 80, AXIS = 24, GAP = 8, LEFT = 92;
  const lanes = Math.max(1, speakers.length), height = lanes * (LANE + GAP) + PITCH + LOUD + 2 * GAP + AXIS + GAP;
  let from = 0, to = Math.max(data.length, 1), chosen = -1, queued = false, stopAt = Infinity;

  // An element with children; strings become text, never markup.
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  const clock = (s) => {
    const whole = Math.floor(s), h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60, two = (n) => String(n).padStart(2, "0");
    return (h ? h + ":" + two(m) : m) + ":" + two(whole % 60);
  };
  // Of a guess without percentages.
  const percent = (t, p) => (t.bars_only ? "" : (100 * p).toFixed(0) + " %");
  const answer = (t) => (t.answer === null ? "not answered" : t.answer);
  const best = (t) => Math.max(0, ...t.probabilities);

  function surface(element, cssHeight) {
    const ratio = window.devicePixelRatio || 1, width = element.clientWidth;
    element.style.height = cssHeight + "px";
    if (element.width !== Math.round(width * ratio) || element.height !== Math.round(cssHeight * ratio)) {
      element.width = Math.round(width * ratio);
      element.height = Math.round(cssHeight * ratio);
    }
    const c = element.getContext("2d");
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, cssHeight);
    c.font = "12px system-ui, sans-serif";
    return [c, width];
  }
  const x = (s, width) => LEFT + ((s - from) / (to - from)) * (width - LEFT);
  const seconds = (px) => from + ((px - LEFT) / Math.max(1, canvas.clientWidth - LEFT)) * (to - from);

  // The first turn that ends after a time: turns are in order of their starts and at most some seconds long, so look back a little.
  function firstAt(s) {
    let low = 0, high = turns.length;
    while (low < high) { const mid = (low + high) >> 1; if (turns[mid].start < s - 600) low = mid + 1; else high = mid; }
    return low;
  }
  function* inView() {
    for (let i = firstAt(from); i < turns.length && turns[i].start < to; i++) if (turns[i].end > from) yield i;
  }

  // Values of one pixel's stretch: least and greatest, zeros left out.
  function line(c, width, values, top, high, scale, colour, dots) {
    c.strokeStyle = c.fillStyle = colour;
    c.lineWidth = 1.2;
    c.beginPath();
    for (let px = LEFT; px < width; px++) {
      const a = Math.max(0, Math.floor(seconds(px) / course.hop)), b = Math.min(values.length, Math.max(a + 1, Math.floor(seconds(px + 1) / course.hop)));
      let least = Infinity, most = -Infinity;
      for (let i = a; i < b; i++) if (values[i] > 0) { least = Math.min(least, scale(values[i])); most = Math.max(most, scale(values[i])); }
      if (most < 0 || most === -Infinity) continue;
      const y = (v) => top + high * (1 - Math.min(1, Math.max(0, v)));
      if (dots) c.fillRect(px, y(most) - 0.8, 1.6, Math.max(1.6, y(least) - y(most)));
      else { c.moveTo(px + 0.5, top + high); c.lineTo(px + 0.5, y(most)); }
    }
    c.stroke();
  }

  function draw() {
    queued = false;
    const [c, width] = surface(canvas, height);
    const ink = theme.colour("--ink"), soft = theme.colour("--soft"), grid = theme.colour("--line");
    c.textBaseline = "middle";
    // The time axis.
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400];
    const step = steps.find((s) => ((to - from) / s) * 70 < width - LEFT) || 28800;
    c.textAlign = "center";
    for (let s = Math.ceil(from / step) * step; s <= to; s += step) {
      c.fillStyle = grid;
      c.fillRect(x(s, width), 0, 1, height - AXIS);
      c.fillStyle = soft;
      c.fillText(step < 1 ? s.toFixed(1) + " s" : clock(s + 1e-6), Math.min(width - 22, Math.max(LEFT + 12, x(s, width))), height - AXIS / 2);
    }
    c.textAlign = "left";
    speakers.forEach((speaker, lane) => {
      c.fillStyle = ink;
      c.fillText(speaker || "turns", 6, lane * (LANE + GAP) + GAP + LANE / 2, LEFT - 10);
    });
    for (const i of inView()) {
      const t = turns[i], lane = speakers.indexOf(t.speaker), top = lane * (LANE + GAP) + GAP;
      const a = Math.max(LEFT, x(t.start, width)), b = Math.max(a + 1, x(t.end, width));
      c.globalAlpha = t.answer === null ? 0.35 : 0.3 + 0.7 * best(t);
      c.fillStyle = t.answer === null ? soft : colours.get(t.answer) || soft;
      const inset = t.answer === null ? LANE / 3 : 0;
      c.fillRect(a, top + inset, b - a, LANE - 2 * inset);
      c.globalAlpha = 1;
      if (b - a > 56) { c.fillStyle = ink; c.fillText(t.answer === null ? "–" : t.answer, a + 4, top + LANE / 2, b - a - 8); }
      if (i === chosen) { c.strokeStyle = ink; c.lineWidth = 2.5; c.strokeRect(a, top, b - a, LANE); }
    }
    const pitchTop = lanes * (LANE + GAP) + GAP, loudTop = pitchTop + PITCH + GAP;
    const octave = (hz) => Math.log2(hz / 60) / Math.log2(600 / 60);
    for (const hz of [100, 200, 400]) {
      const y = pitchTop + PITCH * (1 - octave(hz));
      c.fillStyle = grid; c.fillRect(LEFT, y, width - LEFT, 1);
      c.fillStyle = soft; c.textAlign = "right"; c.fillText(hz + " Hz", LEFT - 6, y); c.textAlign = "left";
    }
    const loudest = course.loudness.reduce((a, b) => Math.max(a, b), 1);
    line(c, width, course.pitch, pitchTop, PITCH, octave, theme.colour("--accent"), true);
    line(c, width, course.loudness, loudTop, LOUD, (v) => v / loudest, soft, false);
    c.fillStyle = ink;
    c.fillText("pitch", 6, pitchTop + 10);
    c.fillText("loudness", 6, loudTop + 10);
    if (data.audio && !player.hidden) { c.fillStyle = "#D55E00"; c.fillRect(x(player.currentTime, width), 0, 1.5, height - AXIS); }
    drawPath();
  }

  let bounds = null;
  function drawPath() {
    const [c, width] = surface(path, path.clientHeight || 384), high = path.clientHeight || 384;
    const placed = turns.filter((t) => t.latent);
    if (!placed.length) return;
    if (!bounds) {
      const of = (k) => { const v = placed.map((t) => t.latent[k]).sort((a, b) => a - b); return [v[Math.floor(0.005 * (v.length - 1))], v[Math.ceil(0.995 * (v.length - 1))]]; };
      bounds = [of(0), of(1)];
    }
    const pad = 26, at = (v, k, size) => pad + ((v - bounds[k][0]) / (bounds[k][1] - bounds[k][0] || 1)) * (size - 2 * pad);
    const px = (t) => at(t.latent[0], 0, width), py = (t) => high - at(t.latent[1], 1, high);
    const seen = [...inView()].map((i) => turns[i]).filter((t) => t.latent);
    c.strokeStyle = theme.colour("--soft");
    speakers.forEach((speaker, n) => {
      c.setLineDash(n % 2 ? [5, 4] : []);
      c.globalAlpha = seen.length > 300 ? 0.12 : 0.5;
      c.beginPath();
      seen.filter((t) => t.speaker === speaker).forEach((t, i) => (i ? c.lineTo(px(t), py(t)) : c.moveTo(px(t), py(t))));
      c.stroke();
    });
    c.setLineDash([]);
    for (const t of seen) {
      c.globalAlpha = t.answer === null ? 0.4 : 0.3 + 0.7 * best(t);
      c.fillStyle = t.answer === null ? theme.colour("--soft") : colours.get(t.answer) || theme.colour("--soft");
      c.beginPath();
      if (speakers.indexOf(t.speaker) % 2) c.rect(px(t) - 4, py(t) - 4, 8, 8); else c.arc(px(t), py(t), 4.5, 0, 7);
      c.fill();
    }
    c.globalAlpha = 1;
    const t = turns[chosen];
    if (t && t.latent) { c.strokeStyle = theme.colour("--ink"); c.lineWidth = 2.5; c.beginPath(); c.arc(px(t), py(t), 9, 0, 7); c.stroke(); c.lineWidth = 1; }
  }
  const redraw = () => { if (!queued) { queued = true; requestAnimationFrame(draw); } };

  function view(a, b) {
    const span = Math.min(Math.max(b - a, 0.5), Math.max(data.length, 0.5)), start = Math.min(Math.max(0, a), Math.max(0, data.length - span));
    from = start; to = start + span;
    redraw();
  }
  function zoom(factor, around) { view(around - (around - from) * factor, around + (to - around) * factor); }

  function play(t) {
    if (!data.audio) return;
    if (player.hidden) { player.src = data.audio; player.hidden = false; }
    stopAt = t.end;
    const begin = () => { player.currentTime = t.start; player.play().catch(() => {}); };
    if (player.readyState >= 1) begin(); else { player.preload = "metadata"; player.addEventListener("loadedmetadata", begin, { once: true }); player.load(); }
  }
  player.addEventListener("timeupdate", () => { if (player.currentTime >= stopAt) { player.pause(); stopAt = Infinity; } redraw(); });

  function choose(i, sound) {
    chosen = i;
    const t = turns[i], panel = document.getElementById("turn");
    if (t.start < from || t.end > to) view(t.start - (to - from) / 2, t.start + (to - from) / 2);
    const bars = t.probabilities.map((p, k) => {
      const fill = make("i");
      fill.style.width = 100 * p + "%";
      fill.style.background = classes[k].colour;
      return make("div", { class: "probability" }, make("span", { title: classes[k].name }, classes[k].name), make("span", { class: "bar" }, fill), make("span", { class: "n" }, percent(t, p)));
    });
    const where = clock(t.start) + " – " + clock(t.end) + " (" + (t.end - t.start).toFixed(2) + " s)";
    const more = [make("h3", {}, (t.speaker ? t.speaker + ": " : "") + answer(t)), make("p", { class: "small" }, where)];
    if (t.abstained) more.push(make("p", {}, "Not answered: " + t.abstained));
    panel.replaceChildren(...more, ...bars);
    if (t.latent) panel.append(make("p", { class: "small" }, "latent (" + t.latent.map((v) => v.toFixed(2)).join(", ") + ")"));
    if (data.audio) { const button = make("button", { type: "button" }, "Play"); button.addEventListener("click", () => play(t)); panel.append(button); }
    if (sound) play(t);
    redraw();
  }

  // Pointer, wheel and keys.
  let held = null;
  canvas.addEventListener("pointerdown", (e) => { held = { x: e.offsetX, from, to, moved: false }; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener("pointermove", (e) => {
    if (!held) return;
    const by = ((held.x - e.offsetX) / Math.max(1, canvas.clientWidth - LEFT)) * (held.to - held.from);
    if (Math.abs(e.offsetX - held.x) > 3) held.moved = true;
    if (held.moved) view(held.from + by, held.to + by);
  });
  canvas.addEventListener("pointerup", (e) => {
    const was = held;
    held = null;
    if (!was || was.moved) return;
    const s = seconds(e.offsetX), slack = (2 / Math.max(1, canvas.clientWidth - LEFT)) * (to - from), lane = Math.floor((e.offsetY - GAP / 2) / (LANE + GAP));
    for (const i of inView()) if (turns[i].start - slack <= s && s <= turns[i].end + slack && (lane >= lanes || speakers.indexOf(turns[i].speaker) === lane)) { choose(i, true); return; }
  });
  canvas.addEventListener("dblclick", () => view(0, data.length));
  canvas.addEventListener("wheel", (e) => { e.preventDefault(); zoom(Math.exp(Math.sign(e.deltaY) * 0.25), seconds(Math.max(LEFT, e.offsetX))); }, { passive: false });
  canvas.addEventListener("keydown", (e) => {
    const keys = {
      ArrowRight: () => turns.length && choose(Math.min(turns.length - 1, chosen + 1), false), ArrowLeft: () => turns.length && choose(Math.max(0, chosen - 1), false),
      Enter: () => chosen >= 0 && play(turns[chosen]), "+": () => zoom(0.6, (from + to) / 2), "-": () => zoom(1 / 0.6, (from + to) / 2), 0: () => view(0, data.length),
    };
    if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
  });

  const swatch = (colour, text) => { const i = make("i"); i.style.background = colour; return make("li", {}, i, text); };
  document.getElementById("legend").append(...classes.map((c) => swatch(c.colour, c.name)), swatch("var(--line)", "not answered"));
  // The table is made when it is opened: an hour has some hundred rows.
  document.getElementById("all").addEventListener("toggle", (e) => {
    const box = e.target.querySelector("div");
    if (!e.target.open || box.firstChild) return;
    const row = (t) => make("tr", {}, ...[t.start.toFixed(2), t.end.toFixed(2), t.speaker, answer(t), t.answer === null ? t.abstained || "" : percent(t, best(t)) || "a guess"].map((text) => make("td", {}, text)));
    box.append(make("table", {}, make("thead", {}, make("tr", {}, ...["Start / s", "End / s", "Speaker", "Answer", "Probability, or why not"].map((text) => make("th", {}, text)))), make("tbody", {}, ...turns.map(row))));
  });
  new ResizeObserver(redraw).observe(canvas);
  theme.changed(redraw);
  draw();
})();
