// Questions to the worker that holds the analysis, as promises.
import wasm from "./wasm.js";
import { workerUrl } from "./sources.js";

let worker = null, count = 0;
const open = new Map();

/** Asks the worker; `transfer` names buffers that it may keep. */
export function ask(question, values = {}, transfer = []) {
  return new Promise((resolve, reject) => {
    open.set(++count, { resolve, reject });
    worker.postMessage({ number: count, question, values }, transfer);
  });
}

/** Starts the worker and gives the model's classes and the features' columns. */
export async function start() {
  const { url, type } = workerUrl();
  worker = new Worker(url, { type });
  worker.onmessage = ({ data: { number, reply, error } }) => {
    const { resolve, reject } = open.get(number);
    open.delete(number);
    if (error === undefined) resolve(reply); else reject(new Error(error));
  };
  worker.onerror = (event) => { for (const { reject } of open.values()) reject(new Error(event.message || "the analysis stopped")); open.clear(); };
  const module = await unpacked(wasm);
  return ask("start", { wasm: module }, [module]);
}

// The module travels as text, so that the page may forbid every connection: base64 of gzip.
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
