// What the tests share: a server of the built page, a browser that keeps complaints, and the program to compare with.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const here = dirname(fileURLToPath(import.meta.url)), dist = join(here, "../dist"), root = join(here, "../../..");
export const speech = (name) => join(root, "assets/speech", name);
/** The program; tests that compare with it are skipped without one. */
export const ser = [process.env.SER, join(root, "target/release/ser")].find((path) => path && existsSync(path));
export const run = (...args) => execFileSync(ser, args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });
const chrome = process.env.CHROMIUM || "/usr/bin/chromium";
export const screenshots = process.env.SER_SCREENSHOTS;

const KINDS = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8" };

/** Serves dist/site, or the page inside `ser serve` where SER_SERVE is set. */
export async function serve() {
  if (process.env.SER_SERVE) {
    const child = spawn(ser, ["serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    const line = await new Promise((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
    return { url: line.match(/http:\S+/)[0], close: () => child.kill() };
  }
  const policy = readFileSync(join(dist, "site/index.html"), "utf8").match(/content="(default-src[^"]*)"/)[1];
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://x").pathname, file = join(dist, "site", path === "/" ? "index.html" : path);
    if (!existsSync(file)) { response.writeHead(404).end(); return; }
    response.writeHead(200, { "content-type": KINDS[extname(file)] || "application/octet-stream", "content-security-policy": path === "/sw.js" ? "default-src 'none'; connect-src 'self'" : policy }).end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => { server.closeAllConnections(); server.close(); } };
}

/** A browser with a page; `complaints` are console errors and requests that leave the machine. */
export async function open(url, { microphone, ...options } = {}) {
  const fake = microphone ? ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-audio-capture=${microphone}`] : [];
  const browser = await chromium.launch({ executablePath: chrome, args: ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required", ...fake] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, permissions: microphone ? ["microphone"] : [], ...options });
  const page = await context.newPage(), complaints = [], allowed = new URL(url).origin;
  page.on("console", (message) => { if (message.type() === "error" || message.type() === "warning") complaints.push(message.text()); });
  page.on("pageerror", (error) => complaints.push(String(error)));
  context.on("request", (request) => { if (!/^(data|blob|file):/.test(request.url()) && new URL(request.url()).origin !== allowed) complaints.push("request: " + request.url()); });
  await page.goto(url);
  await page.waitForSelector("html[data-ready]", { timeout: 30000 });
  return { browser, context, page, complaints };
}

/** Opens recordings and waits until the last is shown. */
export async function choose(page, files) {
  await page.setInputFiles("#files", files);
  await page.waitForFunction((count) => document.querySelectorAll("#list tbody tr").length >= count && document.querySelector("#time .main-svg"), [files].flat().length, { timeout: 60000 });
  await page.waitForSelector('#shown[aria-busy="false"]');
  await page.waitForSelector("#why li");
}

export async function picture(page, name) {
  if (screenshots) await page.screenshot({ path: join(screenshots, name + ".png"), fullPage: true });
}
