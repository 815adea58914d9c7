// Questions to the workers that hold the analysis, as promises. The first worker has the recordings; others help with long ones.
import wasm from "./wasm.js";
import { workerUrl } from "./sources.js";

/** Workers at most, and turns that one is given at a time. */
const MOST = 4, SHARE = 10;
let first = null, module = null, helpers = null, calm = null;

function hire() {
  const { url, type } = workerUrl(), worker = new Worker(url, { type }), open = new Map();
  let count = 0;
  worker.onmessage = ({ data: { number, reply, error } }) => {
    const { resolve, reject } = open.get(number);
    open.delete(number);
    if (error === undefined) resolve(reply); else reject(new Error(error));
  };
  worker.onerror = (event) => { for (const { reject } of open.values()) reject(new Error(event.message || "the analysis stopped")); open.clear(); };
  return (question, values = {}, transfer = []) => new Promise((resolve, reject) => {
    open.set(++count, { resolve, reject });
    worker.postMessage({ number: count, question, values }, transfer);
  });
}

/** Asks the first worker; `transfer` names buffers that it may keep. */
export const ask = (question, values, transfer) => first(question, values, transfer);

/** Starts the first worker and gives the model's classes and the features' columns. */
export async function start() {
  // Compiled once: workers share the code, and what one has made fast.
  module = await WebAssembly.compile(await unpacked(wasm));
  first = hire();
  return ask("start", { wasm: module });
}

/** Uses a recording as the ordinary voice of its speaker, or no longer one. */
export async function baseline(id) {
  const set = await ask("baseline", { id });
  calm = set && { ...await ask("samples", { id }), speech: set.speech };
  return set;
}

/** The answers about a recording: those of a long one from all workers together. */
export async function classify(id) {
  const plan = await ask("plan", { id });
  if (!plan) return ask("classify", { id });
  helpers ||= crew(Math.min(navigator.hardwareConcurrency || 1, MOST) - 1);
  const others = await helpers;
  await Promise.all(others.map((helper) => helper("calm", { sound: calm })));
  const { samples, rate, turns } = plan, parts = [], at = (seconds) => Math.round(seconds * rate);
  let next = 0;
  const work = async (worker) => {
    while (next < turns.length) {
      const share = turns.slice(next, next += SHARE), from = at(share[0].start_s);
      const stretch = samples.slice(from, at(share.at(-1).end_s)), bounds = Uint32Array.from(share.flatMap((turn) => [at(turn.start_s) - from, at(turn.end_s) - from]));
      const answers = await worker("stretches", { samples: stretch, rate, bounds }, [stretch.buffer]);
      share.forEach(({ start_s: start, end_s: end }, i) => { if (answers[i]) parts.push({ start, end, ...answers[i] }); });
    }
  };
  await Promise.all([first, ...others].map(work));
  parts.sort((a, b) => a.start - b.start);
  return { answer: null, parts, baseline: calm && calm.speech };
}

async function crew(size) {
  const hired = Array.from({ length: size }, hire);
  await Promise.all(hired.map((helper) => helper("start", { wasm: module })));
  return hired;
}

// The module travels as text, so that the page may forbid every connection: base64 of gzip.
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
