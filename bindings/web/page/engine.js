// Questions to the workers that hold the analysis, as promises. The first worker has the recordings; others help with long ones.
import wasm from "./wasm.js";
import { workerUrl } from "./sources.js";

/** Workers at most, and windows that one is given at a time. */
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
  const { window, hop, shared } = await ask("plan", { id });
  if (!shared) return ask("classify", { id });
  helpers ||= crew(Math.min(navigator.hardwareConcurrency || 1, MOST) - 1);
  const others = await helpers;
  await Promise.all(others.map((helper) => helper("calm", { sound: calm })));
  const { samples, rate } = shared, count = Math.floor((samples.length / rate - window) / hop + 1e-9) + 1;
  const parts = [];
  let next = 0;
  const work = async (worker) => {
    while (next < count) {
      const from = next, to = next = Math.min(next + SHARE, count);
      const stretch = samples.slice(Math.round(from * hop * rate), Math.round(((to - 1) * hop + window) * rate));
      const windows = await worker("windows", { samples: stretch, rate, window, hop }, [stretch.buffer]);
      parts.push(...windows.map((part) => ({ ...part, start: part.start + from * hop, end: part.end + from * hop })));
    }
  };
  await Promise.all([first, ...others].map(work));
  parts.sort((a, b) => a.start - b.start);
  return { answer: null, windows: parts, window, hop, baseline: calm && calm.speech };
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
