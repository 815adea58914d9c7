// The page: recordings come in, the worker measures them, and what was found is shown.
import * as engine from "./engine.js";
import { inputs } from "./input.js";
import { listen } from "./microphone.js";
import * as live from "./live.js";
import * as answers from "./answer.js";
import * as timeline from "./timeline.js";
import * as latent from "./latent.js";
import * as save from "./save.js";
import { keyboard } from "./keyboard.js";

const w = words.page, byId = (id) => document.getElementById(id);
const { make } = recording;
let classes = [], list = [], shown = null, busy = null, takes = 0, ids = 0;

const say = (text, values = {}) => { byId("status").textContent = words.fill(text, values); };
const length = (s) => (s < 60 ? words.fill(w.seconds, { value: s.toFixed(1) }) : words.fill(w.minutes, { minutes: Math.floor(s / 60), seconds: Math.floor(s % 60) }));

/** What a recording is called in the list: its answer, or how many of its turns have one. */
function summary({ answer, parts }) {
  if (answer) return answers.verdict(answer);
  if (!parts.length) return w.cannotTell;
  return words.fill(w.answered, { answered: parts.filter((part) => !part.abstained).length, turns: parts.length });
}
/** The answer that the map and the explanation show: the recording's, or that of the turn looked at. */
const current = (item) => item.answer || item.parts[item.part_shown || 0];

function fail(name, error) {
  byId("failures").append(make("li", {}, words.fill(w.failed, { name, reason: error.message })));
  say(w.ready);
}

// Bytes are decoded as the command line decodes them; what ser does not read, the browser may.
async function samples(id, name, file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return await engine.ask("open", { id, bytes });
  } catch (reason) {
    try {
      const context = new OfflineAudioContext(1, 1, 48000), sound = await context.decodeAudioData(bytes.buffer);
      const channels = Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i));
      const mono = channels[0].map((_, i) => channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length);
      return { ...await engine.ask("open", { id, samples: mono, rate: sound.sampleRate }), note: w.browserDecoded };
    } catch { throw reason; }
  }
}

async function add(name, open) {
  const item = { id: ++ids, name };
  say(w.working, { name });
  try {
    Object.assign(item, await open(item.id), { began: performance.now() });
    Object.assign(item, await engine.classify(item.id));
    if (item.note) item.name += " (" + item.note + ")";
    list.push(item);
    row(item);
    say(w.done, { name, answer: summary(item) });
    return item;
  } catch (error) {
    fail(name, error);
    return null;
  }
}

async function opened(files) {
  byId("failures").replaceChildren();
  if (!files.length) say(w.noAudio);
  let first = null;
  for (const { name, file } of files) {
    const item = await add(name, (id) => samples(id, name, file));
    if (item && !first) { first = item; await show(item); }
  }
  points();
}

function row(item) {
  byId("recordings").hidden = false;
  const button = make("button", { type: "button", "aria-label": words.fill(w.show, item) }, item.name);
  button.addEventListener("click", () => show(item));
  const cells = [make("th", { scope: "row" }, button), make("td", { class: "n" }, length(item.duration)), make("td"), make("td", { class: "n" })];
  item.row = make("tr", { "data-id": item.id }, ...cells);
  byId("list").tBodies[0].append(item.row);
  written(item);
}

function written(item) {
  item.row.cells[2].textContent = summary(item);
  item.row.cells[3].textContent = item.answer ? answers.confidence(item.answer) : "";
}

function points() {
  latent.show(list.filter(current).map((item) => ({ id: item.id, name: item.name, latent: current(item).latent, label: answers.verdict(current(item)), shown: item === shown })));
}

// Shows a recording: the estimate at once, the signal when it is measured.
async function show(item) {
  shown = item;
  for (const each of list) each.row.setAttribute("aria-current", each === item);
  byId("shown").hidden = false;
  byId("shown").setAttribute("aria-busy", "true");
  byId("baseline-use").disabled = !item.answer;
  timeline.show(item.parts, classes, (number) => { item.part_shown = number; const part = item.parts[number]; recording.look(part.start, part.end); estimate(item); });
  await estimate(item);
  if (!item.view) {
    const { data, picture } = await engine.ask("view", { id: item.id });
    const sound = await engine.ask("samples", { id: item.id });
    data.spectrogram.url = painted(picture);
    data.audio = URL.createObjectURL(save.wav(sound.samples, sound.rate));
    item.view = data;
  }
  if (shown !== item) return;
  item.view.marks = item.marks;
  recording.show(byId("view"), item.view);
  player();
  byId("shown").setAttribute("aria-busy", "false");
}

async function estimate(item) {
  const answer = current(item);
  byId("estimate-title").textContent = w.estimate + ": " + item.name;
  byId("estimate").hidden = !answer;
  if (!answer) return;
  answers.show(answer, classes, item.baseline);
  points();
  const from = answer.start || 0, why = await engine.ask("explain", { id: item.id, from, to: answer.end });
  if (shown !== item || current(item) !== answer) return;
  item.explanation = why;
  item.marks = answers.explain(why, from, (start, end) => { recording.look(start - 0.3, end + 0.3); recording.player().currentTime = start; recording.player().play(); });
  if (item.view) { item.view.marks = item.marks; theme.refresh(); }
}

// A grey picture as the address of a PNG.
function painted({ pixels, width, height }) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  pixels.forEach((grey, i) => image.data.set([grey, grey, grey, 255], 4 * i));
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

function player() {
  const audio = recording.player(), button = byId("play");
  const state = () => { button.textContent = audio.paused ? w.play : w.pause; };
  for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, state);
  state();
}
const toggle = () => { const audio = recording.player(); if (audio) { if (audio.paused) audio.play(); else audio.pause(); } };

// Records until stopped; gives the new recording.
async function record(button, done) {
  if (busy) { if (busy.button === button) await busy.stop(); return; }
  const name = words.fill(w.microphone, { number: ++takes });
  let microphone;
  busy = { button, stop: async () => {} };
  try {
    // Blocks that arrive before the worker is ready wait in its queue.
    microphone = await listen((block) => {
      live.level(block);
      engine.ask("hear", { samples: block }, [block.buffer]).then(({ pitch, answer }) => { live.pitch(pitch); if (answer) live.answer(classes, answer); }, () => {});
    });
  } catch (error) {
    busy = null;
    say(w.noMicrophone, { reason: error.message });
    return;
  }
  await engine.ask("listen", { rate: microphone.rate });
  const label = button.textContent;
  button.textContent = w.stop;
  button.setAttribute("aria-pressed", "true");
  live.begin(classes);
  say(w.recordingNow);
  busy.stop = async () => {
    const heard = await microphone.stop();
    await engine.ask("silence");
    busy = null;
    live.end();
    button.textContent = label;
    button.setAttribute("aria-pressed", "false");
    const item = await add(name, (id) => engine.ask("open", { id, samples: heard, rate: microphone.rate }));
    if (item) await done(item);
  };
}

// Everything is estimated again, with the baseline or without.
async function baseline(item) {
  try {
    const set = await engine.baseline(item ? item.id : undefined);
    byId("baseline-state").textContent = set ? words.fill(w.baselineSet, { seconds: set.speech.toFixed(1), name: item.name }) : w.baselineNone;
    byId("baseline-clear").disabled = !set;
    for (const each of list) { Object.assign(each, await engine.classify(each.id)); written(each); }
    if (shown) await show(shown);
  } catch (error) { fail(item ? item.name : w.baseline, error); }
}

async function saved(kind) {
  if (kind === "csv") save.csv(await engine.ask("csv", { files: list.map(({ id, name }) => ({ id, name })) }));
  if (kind === "json") save.json(await Promise.all(list.map(async ({ id, name, duration, rate, answer, parts, explanation, baseline: seconds }) => ({ file: name, duration, rate, classes, baseline_s: seconds, answer, turns: parts, explanation, features: await engine.ask("extract", { id, set: "eGeMAPSv02", level: "functionals" }) }))));
  if (!shown || !shown.view) return;
  if (kind === "textgrid") save.textgrid(shown);
  if (kind === "png") await save.png(shown.name, recording.chart());
}

for (const element of document.querySelectorAll("[data-text]")) element.textContent = w[element.dataset.text];
document.title = w.title;
byId("key-list").replaceChildren(...w.keyList.map(([key, text]) => make("li", {}, make("kbd", {}, key), " " + text)));
const next = (step) => { const at = list.indexOf(shown) + step; if (list[at]) show(list[at]); };
const seek = (s) => { const audio = recording.player(); if (audio) audio.currentTime = Math.max(0, audio.currentTime + s); };
for (const [id, action] of [["play", toggle], ["zoom-in", () => recording.zoom(0.5)], ["zoom-out", () => recording.zoom(2)], ["zoom-all", recording.all], ["record", () => record(byId("record"), show)],
  ["baseline-record", () => record(byId("baseline-record"), baseline)], ["baseline-use", () => baseline(shown)], ["baseline-clear", () => baseline(null)],
  ...["csv", "json", "textgrid", "png"].map((kind) => ["save-" + kind, () => saved(kind)])]) byId(id).addEventListener("click", action);
keyboard({ o: () => byId("files").click(), r: () => byId("record").click(), " ": toggle, ArrowLeft: () => seek(-1), ArrowRight: () => seek(1), j: () => next(1), k: () => next(-1), "+": () => recording.zoom(0.5), "=": () => recording.zoom(0.5), "-": () => recording.zoom(2), 0: recording.all });

if ("serviceWorker" in navigator && location.protocol.startsWith("http")) navigator.serviceWorker.register("sw.js").catch(() => {});
try {
  ({ classes } = await engine.start());
  latent.begin(classes, (id) => show(list.find((item) => item.id === id)));
  inputs(opened);
  say(w.ready);
  document.documentElement.dataset.ready = "";
} catch (error) { say(w.failed, { name: "ser", reason: error.message }); }
