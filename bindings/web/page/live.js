// What is seen while speaking: level, pitch through the last seconds, probabilities.
const { make, probabilities } = recording;
const w = words.page, byId = (id) => document.getElementById(id);
/** Values of the pitch trace: six seconds. */
const KEPT = 600;
const LOWEST_HZ = 60, HIGHEST_HZ = 500, FLOOR_DB = -60;
let trace = [];

export function begin(classes) {
  trace = [];
  byId("live").hidden = false;
  byId("live-classes").replaceChildren(...probabilities(classes.map((name) => [name, 0])));
}

export function end() { byId("live").hidden = true; }

/** Shows the level of a block. */
export function level(block) {
  const power = block.reduce((sum, x) => sum + x * x, 0) / block.length, db = Math.max(-120, 10 * Math.log10(power + 1e-12));
  byId("live-level").textContent = words.fill(w.levelUnit, { value: db.toFixed(0).replace("-", "−") });
  byId("live-meter").style.width = 100 * Math.max(0, 1 - db / FLOOR_DB) + "%";
}

/** Shows rows of descriptors: F0 in Hz, 0 where unvoiced. */
export function pitch(hz) {
  trace = trace.concat(hz).slice(-KEPT);
  const last = hz.length ? hz[hz.length - 1] : 0;
  byId("live-pitch").textContent = last > 0 ? words.fill(w.f0Unit, { value: last.toFixed(0) }) : w.unvoiced;
  const canvas = byId("live-trace"), context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = theme.colour("--accent");
  trace.forEach((f0, i) => {
    if (f0 <= 0) return;
    const height = Math.log(f0 / LOWEST_HZ) / Math.log(HIGHEST_HZ / LOWEST_HZ);
    context.fillRect((i * canvas.width) / KEPT, (1 - height) * (canvas.height - 4), 2, 4);
  });
}

/** Shows an answer about the last seconds. */
export function answer(classes, found) {
  const head = make("p", { class: "answer" }, found.abstained ? w.cannotTell : found.label + (found.guess ? "?" : ""));
  byId("live-classes").replaceChildren(head, ...probabilities(classes.map((name, i) => [name, found.support[i]]), found.guess));
}
