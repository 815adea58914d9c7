// The page as its users meet it: dropped on, spoken to, driven by keys, offline, dark, narrow, from disk.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { choose, dist, open, picture, run, ser, serve, speech } from "./browser.mjs";

const ANGRY = speech("03a02Wc.flac"), folder = mkdtempSync(join(tmpdir(), "ser-"));
let server;
before(async () => { server = await serve(); });
after(() => server.close());

/** Runs with a page, and holds at the end that it complained of nothing. */
async function within(options, body, url = server.url) {
  const opened = await open(url, options);
  try {
    await body(opened.page, opened.context);
    assert.deepEqual(opened.complaints, []);
  } finally { await opened.browser.close(); }
}
const downloaded = async (page, button) => {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  return readFileSync(await download.path());
};
/** 16-bit WAV of 16 kHz: what `ser` itself decodes of clips, one after the other, `times` times. */
function wave(samples, rate = 16000) {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write("RIFF"); bytes.writeUInt32LE(36 + 2 * samples.length, 4); bytes.write("WAVEfmt ", 8); bytes.writeUInt32LE(16, 16); bytes.writeUInt16LE(1, 20); bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24); bytes.writeUInt32LE(2 * rate, 28); bytes.writeUInt16LE(2, 32); bytes.writeUInt16LE(16, 34); bytes.write("data", 36); bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((x, i) => bytes.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(x * 32768))), 44 + 2 * i));
  return bytes;
}
async function decoded(names) {
  const { decode } = await ser_web();
  return names.map((name) => { const sound = decode(readFileSync(speech(name))); return sound.samples; });
}
let module;
async function ser_web() {
  if (!module) {
    module = await import(join(dist, "package/ser_web.js"));
    module.initSync({ module: readFileSync(join(dist, "package/ser_web_bg.wasm")) });
  }
  return module;
}

test("a dropped recording is answered as the command line answers it", { skip: !ser && "no ser program" }, async () => {
  await within({}, async (page) => {
    const bytes = readFileSync(ANGRY).toString("base64");
    await page.evaluate((text) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], "03a02Wc.flac"));
      document.getElementById("drop").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
    }, bytes);
    await page.waitForSelector("#why li");
    await page.waitForSelector("#time .main-svg");
    const [native] = JSON.parse(run("classify", ANGRY, "--json", "--explain")), [here] = JSON.parse(await downloaded(page, "#save-json"));
    for (const key of ["label", "abstained", "outside"]) assert.deepEqual(here.answer[key], native[key], key);
    // The features are the program's bits; the answer follows a resampling to 11 025 Hz, whose transform sums in another order on another processor.
    here.answer.support.forEach((p, i) => assert.ok(p === native.support[i], `${p} ${native.support[i]}`));
    assert.deepEqual(here.explanation.voices.map((voice) => voice.group).slice(0, 3), native.explanation.voices.map((voice) => voice.group).slice(0, 3));
    assert.equal(await page.textContent("#answer .answer"), native.abstained ? "cannot tell" : native.label + (native.guess ? "?" : ""));
    await picture(page, "dropped");
  });
});

test("the downloaded csv is byte for byte what ser extract writes", { skip: !ser && "no ser program" }, async () => {
  await within({}, async (page) => {
    const names = ["03a02Wc.flac", "13a02Ta.flac"];
    await choose(page, names.map(speech));
    const table = String(await downloaded(page, "#save-csv")), native = run("extract", ...names.map(speech), "--quiet");
    const values = (text) => text.trim().split("\n").map((line) => line.split(",").slice(1));
    assert.deepEqual(values(table), values(native));
  });
});

test("TextGrid and PNG can be downloaded", async () => {
  await within({}, async (page) => {
    await choose(page, ANGRY);
    const grid = String(await downloaded(page, "#save-textgrid"));
    assert.match(grid, /^File type = "ooTextFile"\nObject class = "TextGrid"/);
    const edges = [...grid.split('name = "voiced"')[1].matchAll(/intervals \[\d+\]:\s+xmin = (\S+)\s+xmax = (\S+)/g)].map(([, from, to]) => [Number(from), Number(to)]);
    edges.slice(1).forEach(([from], i) => assert.equal(from, edges[i][1]));
    assert.equal((await downloaded(page, "#save-png")).subarray(1, 4).toString(), "PNG");
  });
});

test("a microphone is shown while it is spoken into, and then as a recording", async () => {
  const clips = await decoded(["03a02Wc.flac", "14a01Na.flac"]), spoken = join(folder, "spoken.wav");
  writeFileSync(spoken, wave([...clips[0], ...clips[1]]));
  await within({ microphone: spoken }, async (page) => {
    await page.click("#record");
    await page.waitForFunction(() => /\d+ Hz/.test(document.getElementById("live-pitch").textContent), null, { timeout: 20000 });
    await page.waitForSelector("#live-classes .answer", { timeout: 20000 });
    assert.match(await page.textContent("#live-level"), /−?\d+ dB/);
    await picture(page, "live");
    await page.waitForTimeout(1500);
    await page.click("#record");
    await page.waitForSelector("#why li");
    assert.match(await page.textContent("#list tbody th"), /Microphone 1/);
    assert.ok(parseFloat(await page.textContent("#list tbody td")) > 2);
  });
});

test("a baseline is recorded, used, named and removed", async () => {
  await within({}, async (page) => {
    await choose(page, speech("14a01Na.flac"));
    const before = await page.textContent("#answer");
    await page.click("#baseline summary");
    await page.click("#baseline-use");
    await page.waitForFunction(() => /14a01Na/.test(document.getElementById("baseline-state").textContent));
    await page.waitForFunction(() => /relative to your baseline/.test(document.getElementById("answer").textContent));
    assert.notEqual(await page.textContent("#answer"), before);
    await page.click("#baseline-clear");
    await page.waitForFunction(() => /general model/.test(document.getElementById("answer").textContent));
    assert.equal(await page.textContent("#answer"), before);
  });
});

test("everything is reached and worked by keys alone", async () => {
  await within({}, async (page) => {
    // Asked for beforehand: a key that overtakes the first request for choosers would open the browser's own.
    page.on("filechooser", () => {});
    // Browsers open the chooser only for someone who has already done something on the page.
    await page.click("h1");
    await page.evaluate(() => document.title);
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("o")]);
    await chooser.setFiles([ANGRY, speech("14a01Na.flac")]);
    await page.waitForFunction(() => document.querySelectorAll("#list tbody tr").length === 2 && document.querySelector("#time .main-svg"));
    await page.keyboard.press("j");
    await page.waitForFunction(() => /14a01Na/.test(document.getElementById("estimate-title").textContent));
    await page.waitForSelector('#shown[aria-busy="false"]');
    const range = () => page.evaluate(() => recording.chart().layout.xaxis.range);
    const whole = await range();
    await page.keyboard.press("+");
    const near = await range();
    assert.ok(near[1] - near[0] < 0.6 * (whole[1] - whole[0]));
    await page.keyboard.press("0");
    assert.deepEqual(await range(), whole);
    await page.evaluate(() => recording.player().load());
    await page.keyboard.press(" ");
    await page.waitForFunction(() => recording.player().currentTime > 0);
    await page.keyboard.press(" ");
    assert.ok(await page.evaluate(() => recording.player().paused));
    // Tab walks through every control once, each with a visible focus.
    const seen = new Set();
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => { const e = document.activeElement; return e === document.body ? null : { id: e.id || e.textContent.trim().slice(0, 30), outline: getComputedStyle(e).outlineStyle }; });
      if (!at) continue;
      assert.notEqual(at.outline, "none", at.id);
      seen.add(at.id);
    }
    for (const id of ["theme", "choose-files", "choose-folder", "record", "save-csv", "save-json", "save-textgrid", "save-png", "corpus", "play", "zoom-in"]) assert.ok(seen.has(id), id);
  });
});

test("a long recording has a timeline, quickly", async () => {
  const clips = await decoded(["03a02Wc.flac", "08a04Ff.flac", "13a02Ta.flac", "14a01Na.flac"]), minutes = [];
  while (minutes.length < 600 * 16000) for (const clip of clips) minutes.push(...clip);
  const long = join(folder, "long.wav");
  writeFileSync(long, wave(minutes.slice(0, 600 * 16000)));
  await within({}, async (page) => {
    const time = async (file) => {
      const before = await page.evaluate(() => document.querySelectorAll("#list tbody tr").length), began = Date.now();
      await page.setInputFiles("#files", file);
      await page.waitForFunction((count) => document.querySelectorAll("#list tbody tr").length > count, before, { timeout: 60000, polling: 5 });
      return Date.now() - began;
    };
    await time(ANGRY);
    await page.waitForSelector("#why li");
    await page.waitForSelector('#shown[aria-busy="false"]');
    const short = await time(speech("13a02Ta.flac"));
    await page.waitForTimeout(2000);
    const ten = await time(long);
    await page.waitForFunction(() => !document.getElementById("timeline").hidden, null, { timeout: 60000 }).catch(() => {});
    await page.click("#list tbody tr:last-child button");
    await page.waitForSelector("#timeline-chart .main-svg", { timeout: 60000 });
    await page.waitForFunction(() => /600/.test(document.querySelector("#view .facts") ? document.querySelector("#view .facts").textContent : ""), null, { timeout: 60000 });
    const memory = await page.evaluate(() => performance.memory.usedJSHeapSize);
    console.log(`from choosing to the answer: ${short} ms for a clip, ${ten} ms for ten minutes; page heap ${(memory / 1e6).toFixed(0)} MB`);
    assert.ok(short < 10000 && ten < 60000);
    // Several workers answered, and say together what one says, and what the program says of the same turns.
    const { Classifier, decode, turns } = await ser_web(), { samples, rate } = decode(readFileSync(long)), found = turns(samples, rate);
    const here = JSON.parse(await downloaded(page, "#save-json")).at(-1).turns;
    assert.equal(await page.evaluate(() => document.querySelectorAll("#turns tbody tr").length), here.length);
    const bounds = found.flatMap((turn) => [Math.round(turn.start_s * rate), Math.round(turn.end_s * rate)]), answers = new Classifier().stretches(samples, rate, Uint32Array.from(bounds));
    assert.deepEqual(here, found.map(({ start_s: start, end_s: end }, i) => answers[i] && { start, end, ...answers[i] }).filter(Boolean));
    assert.ok(here.length > 60);
    if (ser) {
      const native = JSON.parse(run("classify", long, "--json")).turns;
      assert.deepEqual(here.map(({ start, end, label, abstained }) => ({ start, end, label, abstained })), native.map(({ start, end, label, abstained }) => ({ start, end, label, abstained })));
    }
    await picture(page, "timeline");
  });
});

test("what cannot be read is named, and the rest is shown", async () => {
  const bad = join(folder, "notes.wav");
  writeFileSync(bad, "this is no recording");
  await within({}, async (page) => {
    await page.setInputFiles("#files", [bad, ANGRY]);
    await page.waitForSelector("#failures li");
    await page.waitForSelector("#why li");
    assert.match(await page.textContent("#failures"), /notes\.wav could not be analysed: .{10,}/);
  });
});

for (const [name, options] of [["light", { colorScheme: "light" }], ["dark", { colorScheme: "dark" }], ["narrow", { viewport: { width: 360, height: 740 } }], ["4k", { viewport: { width: 3840, height: 2160 } }]]) {
  test(`${name}: accessible by axe, nothing sticks out`, async () => {
    await within(options, async (page) => {
      await choose(page, [ANGRY, speech("14a01Na.flac")]);
      await page.click("#baseline summary");
      await picture(page, name);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      // The policy of the page keeps scripts out; axe comes in by the browser's own door.
      await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
      const { violations } = await page.evaluate(() => axe.run({ exclude: [".js-plotly-plot"] }));
      assert.deepEqual(violations.map(({ id, nodes }) => id + ": " + nodes.map((node) => node.html).join(" ")), []);
    });
  });
}

test("the page opens and answers without a network, once it was seen", async () => {
  await within({}, async (page, context) => {
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(async () => (await (await caches.open("ser")).keys()).length > 20);
    await context.setOffline(true);
    await page.reload();
    await page.waitForSelector("html[data-ready]");
    await choose(page, ANGRY);
    await context.setOffline(false);
  });
});

test("the page forbids every connection, also to its own server", async () => {
  const opened = await open(server.url);
  const outcome = await opened.page.evaluate(() => fetch("/").then(() => "connected", (error) => error.name));
  assert.equal(outcome, "TypeError");
  assert.ok(opened.complaints.some((text) => /Content Security Policy/.test(text)));
  await opened.browser.close();
});

test("one file opened from disk does the same, microphone included", async () => {
  const clips = await decoded(["14a01Na.flac"]), spoken = join(folder, "one.wav");
  writeFileSync(spoken, wave([...clips[0]]));
  await within({ microphone: spoken }, async (page) => {
    await choose(page, ANGRY);
    await page.click("#record");
    await page.waitForSelector("#live-classes .answer", { timeout: 20000 });
    await page.click("#record");
    await page.waitForFunction(() => document.querySelectorAll("#list tbody tr").length === 2);
  }, "file://" + join(dist, "page.html"));
});
