// How long the page's analysis takes in Node, for the table of docs/web.md: processor time, so that it holds beside other work.
//
//   node bindings/web/time.mjs RECORDING.wav     after `check --build`; short recordings get one answer, from ten seconds on each turn, as on the page
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = join(dirname(fileURLToPath(import.meta.url)), "dist/package");
const web = await import(join(dist, "ser_web.js"));
web.initSync({ module: readFileSync(join(dist, "ser_web_bg.wasm")) });
const classifier = new web.Classifier(), bytes = readFileSync(process.argv[2]), sound = web.decode(bytes), { samples, rate } = sound;
const duration = samples.length / rate;
const bounds = (turns) => Uint32Array.from(turns.flatMap((turn) => [Math.round(turn.start_s * rate), Math.round(turn.end_s * rate)]));
const parts = {
  "decoding": () => web.decode(bytes).free(),
  "all answers": () => (duration < 10 ? classifier.classify(samples, rate) : classifier.stretches(samples, rate, bounds(web.turns(samples, rate)))),
  "everything that is drawn": () => web.view(samples, rate),
};
console.log(`${process.argv[2]}: ${duration.toFixed(1)} s, ${rate} Hz; median of five, the first run left out`);
for (const [name, part] of Object.entries(parts)) {
  part();
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    part();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }).sort((a, b) => a - b);
  console.log(`${name}: ${times[2].toFixed(0)} ms`);
}
console.log(`memory of the process: ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`);
