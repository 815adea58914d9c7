// Downloads: features as CSV, everything as JSON, stretches as a Praat TextGrid, charts as PNG.
import { verdict } from "./answer.js";

function save(name, text, type) {
  const link = document.createElement("a");
  link.href = text instanceof Blob ? URL.createObjectURL(text) : URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
const stem = (name) => name.replace(/^.*\//, "").replace(/\.\w+$/, "");

export const csv = (text) => save("features.csv", text, "text/csv");

export const json = (value) => save("ser.json", JSON.stringify(value, (_, v) => (v instanceof Float32Array ? Array.from(v) : v), 1) + "\n", "application/json");

/** A tier of answers, and a tier of voiced stretches. */
export function textgrid({ name, duration, answer, parts, view }) {
  const answers = answer ? [[0, duration, verdict(answer)]] : [];
  let end = 0;
  for (const part of parts) {
    if (part.start > end) answers.push([end, part.start, ""]);
    answers.push([part.start, end = Math.min(part.end, duration), verdict(part)]);
  }
  if (!answer && end < duration) answers.push([end, duration, ""]);
  const tiers = [["estimate", answers], ["voiced", voiced(view, duration)]];
  const lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", `xmax = ${duration}`, "tiers? <exists>", `size = ${tiers.length}`, "item []:"];
  tiers.forEach(([title, stretches], i) => {
    lines.push(`    item [${i + 1}]:`, '        class = "IntervalTier"', `        name = "${title}"`, "        xmin = 0", `        xmax = ${duration}`, `        intervals: size = ${stretches.length}`);
    stretches.forEach(([from, to, text], k) => lines.push(`        intervals [${k + 1}]:`, `            xmin = ${from}`, `            xmax = ${to}`, `            text = "${text.replace(/"/g, '""')}"`));
  });
  save(stem(name) + ".TextGrid", lines.join("\n") + "\n", "text/plain");
}

// Intervals that fill the recording, "v" where a frame is voiced.
function voiced(view, duration) {
  const list = [];
  view.pitch.forEach((hz, i) => {
    const text = hz === null ? "" : "v", last = list[list.length - 1];
    if (last && last[2] === text) return;
    const from = last ? Math.min(duration, view.start + (i - 0.5) * view.hop) : 0;
    if (last) last[1] = from;
    list.push([from, duration, text]);
  });
  return list.length ? list.filter(([from, to]) => to > from) : [[0, duration, ""]];
}

/** The chart of the signal as it is seen, at twice its size. */
export async function png(name, chart) {
  const url = await Plotly.toImage(chart, { format: "png", scale: 2, width: chart.clientWidth, height: chart.clientHeight });
  const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (c) => c.charCodeAt(0));
  save(stem(name) + ".png", new Blob([bytes], { type: "image/png" }));
}

/** 16-bit WAV of samples, for the player: every browser plays it, whatever the recording was. */
export function wav(samples, rate) {
  const bytes = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at, letters) => [...letters].forEach((letter, i) => bytes.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF"); bytes.setUint32(4, 36 + 2 * samples.length, true); text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true); bytes.setUint16(20, 1, true); bytes.setUint16(22, 1, true); bytes.setUint32(24, rate, true); bytes.setUint32(28, 2 * rate, true); bytes.setUint16(32, 2, true); bytes.setUint16(34, 16, true);
  text(36, "data"); bytes.setUint32(40, 2 * samples.length, true);
  samples.forEach((x, i) => bytes.setInt16(44 + 2 * i, Math.max(-32768, Math.min(32767, Math.round(x * 32768))), true));
  return new Blob([bytes], { type: "audio/wav" });
}
