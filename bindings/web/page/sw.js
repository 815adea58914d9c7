// Keeps the page on the device, so that it opens without a network. A new version is taken when there is one, the kept one otherwise.
const KEPT = "ser";
const FILES = ["./", "report.css", "page.css", "words.js", "theme.js", "plotly.js", "recording.js", "main.js", "engine.js", "sources.js", "wasm.js", "worker.js", "ser_web.js", "worklet.js",
  "microphone.js", "live.js", "answer.js", "timeline.js", "latent.js", "clouds.js", "save.js", "input.js", "keyboard.js"];

addEventListener("install", (event) => { event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => skipWaiting())); });
addEventListener("activate", (event) => { event.waitUntil(clients.claim()); });
addEventListener("fetch", (event) => {
  if (event.request.method !== "GET" || new URL(event.request.url).origin !== location.origin) return;
  event.respondWith(fetch(event.request).then(async (fresh) => {
    if (fresh.ok) await (await caches.open(KEPT)).put(event.request, fresh.clone());
    return fresh;
  }).catch(async () => (await caches.match(event.request, { ignoreSearch: true })) || Response.error()));
});
