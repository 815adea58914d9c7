// The analysis, off the page's thread: one message is one question, and each has one reply with its number.
import init, { Classifier, Table, decode, extract, hertz, turns, view } from "./ser_web.js";

let classifier = null;
let baseline = null;
/** Recordings opened so far: { samples, rate }. */
const sounds = new Map();
let live = null;

/** Live answers describe this many seconds, and a new one is given this often. */
const LIVE_S = 3, EVERY_S = 0.5;
/** Recordings from 10 s on are answered turn by turn, as by `ser classify` of long ones; from a minute on the page shares them among several workers. */
const LONG_S = 10, SHARED_S = 60;

const asked = () => (baseline ? classifier.baseline(baseline.sounds) : classifier);

const questions = {
  async start({ wasm }) {
    await init({ module_or_path: wasm });
    classifier = new Classifier();
    return { classes: classifier.classes() };
  },

  open({ id, bytes, samples, rate }) {
    if (bytes) {
      const sound = decode(bytes);
      ({ samples, rate } = sound);
      sound.free();
    }
    sounds.set(id, { samples, rate });
    return { duration: samples.length / rate, rate };
  },

  classify({ id }) {
    const { samples, rate } = sounds.get(id), model = asked();
    const long = samples.length / rate >= LONG_S, found = long ? turns(samples, rate) : [];
    const answer = long ? null : model.classify(samples, rate), answers = model.stretches(samples, rate, bounds(found, rate));
    if (model !== classifier) model.free();
    return { answer, parts: parts(found, answers), baseline: baseline && baseline.speech };
  },

  plan({ id }) {
    const { samples, rate } = sounds.get(id);
    return samples.length / rate < SHARED_S ? null : { samples, rate, turns: turns(samples, rate) };
  },

  // Answers about some turns of a recording, of which there are the samples from one of them on.
  stretches({ samples, rate, bounds }) {
    const model = asked(), answers = model.stretches(samples, rate, bounds);
    if (model !== classifier) model.free();
    return answers;
  },

  // The ordinary voice that another worker was given.
  calm({ sound }) { baseline = sound && { sounds: [sound] }; return null; },

  explain({ id, from, to }) {
    const { samples, rate } = sounds.get(id), start = Math.round((from || 0) * rate);
    const model = asked(), why = model.explain(samples.subarray(start, to === undefined ? samples.length : Math.round(to * rate)), rate);
    if (model !== classifier) model.free();
    return why;
  },

  view({ id }) {
    const { samples, rate } = sounds.get(id);
    return view(samples, rate);
  },

  extract({ id, set, level }) {
    const { samples, rate } = sounds.get(id);
    return extract(samples, rate, { set, level });
  },

  csv({ files }) {
    const table = new Table();
    for (const { id, name } of files) {
      const { samples, rate } = sounds.get(id);
      table.add(name, samples, rate);
    }
    const text = table.csv();
    table.free();
    return text;
  },

  samples({ id }) { return sounds.get(id); },

  baseline({ id }) {
    if (id === undefined) { baseline = null; return null; }
    const sound = sounds.get(id), speech = classifier.classify(sound.samples, sound.rate).facts.speech_s;
    baseline = { sounds: [sound], speech };
    return { speech };
  },

  // While speaking: the pitch of the newest frames, and an answer about the last seconds.
  listen({ rate }) { live = { rate, blocks: [], kept: 0, since: 0 }; return null; },

  hear({ samples }) {
    const { rate, blocks } = live;
    blocks.push(samples);
    live.kept += samples.length;
    while (live.kept - blocks[0].length >= LIVE_S * rate) live.kept -= blocks.shift().length;
    live.since += samples.length;
    const heard = joined(blocks, live.kept), pitch = newest(heard, rate, samples.length);
    if (live.since < EVERY_S * rate || live.kept < rate) return { pitch, answer: null };
    live.since = 0;
    const model = asked(), answer = model.classify(heard, rate);
    if (model !== classifier) model.free();
    return { pitch, answer };
  },

  silence() { live = null; return null; },
};

// The first sample and that after the last of each turn.
const bounds = (found, rate) => Uint32Array.from(found.flatMap((turn) => [Math.round(turn.start_s * rate), Math.round(turn.end_s * rate)]));

// Turns with their answers, where there are any.
const parts = (found, answers) => found.map(({ start_s: start, end_s: end }, i) => answers[i] && { start, end, ...answers[i] }).filter(Boolean);

/** Pitch is measured over this much of the past, so that its tracker has something to go by. */
const PITCH_S = 0.6;

// F0 in Hz of the frames that a block added.
function newest(heard, rate, added) {
  if (heard.length < PITCH_S * rate) return [];
  const { names, values } = extract(heard.subarray(heard.length - PITCH_S * rate), rate, { level: "lld" });
  const column = names.findIndex((name) => name.startsWith("F0semitone")), rows = Math.round((100 * added) / rate);
  const all = Array.from({ length: values.length / names.length }, (_, row) => hertz(values[row * names.length + column]));
  return all.slice(-rows);
}

function joined(blocks, length) {
  const all = new Float32Array(length);
  let at = 0;
  for (const block of blocks) { all.set(block, at); at += block.length; }
  return all;
}

onmessage = async ({ data: { number, question, values } }) => {
  try {
    postMessage({ number, reply: await questions[question](values) });
  } catch (error) {
    postMessage({ number, error: error.message || String(error) });
  }
};
