// The npm package in Node: the values of the native program, bit for bit.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { dist, root, run, ser } from "./browser.mjs";

const web = await import(join(dist, "package/ser_web.js"));
web.initSync({ module: readFileSync(join(dist, "package/ser_web_bg.wasm")) });
const folder = process.env.SER_RECORDINGS || join(root, "assets/speech"), clips = readdirSync(folder).filter((name) => /\.(flac|wav)$/.test(name)).map((name) => join(folder, name));
const bits = (values) => Array.from(new Uint32Array(Float32Array.from(values).buffer));

/** The values of `ser extract` for a set and level, row after row of each recording. */
function native(set, level) {
  const rows = new Map();
  for (const line of run("extract", ...clips, "--set", set, "--level", level, "--format", "jsonl", "--quiet").trim().split("\n")) {
    const { file, start, end, ...values } = JSON.parse(line);
    rows.set(file, (rows.get(file) || []).concat(Object.values(values.features || values).filter((value) => typeof value === "number" || value === null)));
  }
  return rows;
}

for (const set of ["eGeMAPSv02", "eGeMAPSv01b", "eGeMAPSv01a", "GeMAPSv01b", "GeMAPSv01a", "eGeMAPS-ser", "eGeMAPS-ser+"]) {
  for (const level of ["functionals", "lld"]) {
    test(`${set} ${level}: the bits of the program`, { skip: !ser && "no ser program" }, () => {
      const there = [...native(set, level).values()];
      clips.forEach((clip, i) => assert.deepEqual(bits(web.extract(readFileSync(clip), undefined, { set, level }).values), bits(there[i].map((value) => (value === null ? NaN : value))), clip));
    });
  }
}

test("any cut of the samples gives the same bits", () => {
  const sound = web.decode(readFileSync(clips[0])), whole = web.extract(sound.samples, sound.rate), extractor = new web.Extractor(sound.rate);
  for (let at = 0, size = 1; at < sound.samples.length; at += size, size = (size * 7) % 1013 + 1) extractor.push(sound.samples.subarray(at, at + size));
  assert.deepEqual(bits(extractor.finish().values), bits(whole.values));
});

test("answers, places and reasons are the program's", { skip: !ser && "no ser program" }, () => {
  const classifier = new web.Classifier(), answers = JSON.parse(run("classify", ...clips, "--json", "--explain"));
  // To the bit, the resampling to 11 025 Hz included.
  const same = (a, b, what) => a.forEach((x, i) => assert.ok(x === b[i], `${what}: ${x} ${b[i]}`));
  answers.forEach((answer, i) => {
    const { samples, rate } = web.decode(readFileSync(clips[i])), here = classifier.classify(samples, rate);
    assert.deepEqual([here.label, here.abstained === null, here.outside.length], [answer.label, answer.abstained === null, answer.outside.length]);
    same(here.support, answer.support, "support");
    assert.deepEqual(Array.from(classifier.embed(samples, rate)), here.latent);
    const why = classifier.explain(samples, rate);
    assert.equal(why.class, here.label);
    assert.ok(Math.abs(why.voices.reduce((sum, voice) => sum + voice.contribution, 0) - why.difference) < 1e-9);
  });
});

test("what is wrong is an Error that says so", () => {
  assert.throws(() => web.decode(new Uint8Array([1, 2, 3])), /./);
  assert.throws(() => web.extract(new Float32Array(16000)), /rate/);
  assert.throws(() => web.extract(new Float32Array(16000), 16000, { set: "none" }), /none/);
  assert.throws(() => web.extract("voice.wav", 16000), /Uint8Array/);
  assert.throws(() => web.extract(new Float32Array(10), 16000), /short/);
  assert.throws(() => new web.Classifier().classify(new Float32Array(16000).fill(NaN), 16000), /number|finite/);
});
