// From the compiled module to what is served and handed out:
//
//   dist/package/   ser_web.js, .d.ts, .wasm: the npm package
//   dist/site/      the page as plain modules, to be served; what `ser serve` has inside
//   dist/page.html  the page as one file, which also opens from disk
//
// `node build.mjs FOLDER` takes wasm-bindgen's output (target web) from FOLDER.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, "../.."), bindgen = process.argv[2], dist = join(here, "dist"), site = join(dist, "site");
const text = (...path) => readFileSync(join(...path), "utf8");

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, "package"), { recursive: true });
for (const name of readdirSync(bindgen)) cpSync(join(bindgen, name), join(dist, "package", name));

cpSync(join(here, "page"), site, { recursive: true });
for (const [from, to] of [["page.css", "report.css"], ["words.js", "words.js"], ["theme.js", "theme.js"], ["recording.js", "recording.js"], ["plotly-basic.min.js", "plotly.js"]]) cpSync(join(root, "assets/report", from), join(site, to));
cpSync(join(bindgen, "ser_web.js"), join(site, "ser_web.js"));
const module = readFileSync(join(bindgen, "ser_web_bg.wasm")), packed = gzipSync(module, { level: 9 });
writeFileSync(join(site, "wasm.js"), `export default "${packed.toString("base64")}";\n`);

// The single file: modules become one script, and the scripts beside the page become text within it.
const bundled = async (entry, format, plugins = []) => (await build({ entryPoints: [join(site, entry)], bundle: true, write: false, format, target: "es2022", charset: "utf8", plugins, logLevel: "error", define: format === "iife" ? { "import.meta.url": "self.location.href" } : {} })).outputFiles[0].text;
// A page from disk may start plain workers from text, not modules, and worklets from an address that holds their text.
const worker = await bundled("worker.js", "iife"), worklet = text(site, "worklet.js");
const inside = {
  name: "scripts inside",
  setup: (at) => at.onLoad({ filter: /sources\.js$/ }, () => ({ contents: `const address = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
export const workerUrl = () => ({ url: address(${JSON.stringify(worker)}), type: "classic" });
export const workletUrl = () => "data:text/javascript," + encodeURIComponent(${JSON.stringify(worklet)});` })),
};
const main = await bundled("main.js", "esm", [inside]);
const scripts = [], script = (code, type = "") => {
  const safe = code.replace(/<\/script/gi, "<\\/script").replace(/<!--/g, "<\\!--");
  scripts.push("'sha256-" + createHash("sha256").update(safe).digest("base64") + "'");
  return `<script${type}>${safe}</script>`;
};
const classic = (name) => script(text(site, name));
// The classic scripts ran before the body in order; the module runs after it as always.
let page = text(site, "index.html")
  .replace('<link rel="stylesheet" href="report.css">', () => `<style>${text(site, "report.css")}</style>`)
  .replace('<link rel="stylesheet" href="page.css">', () => `<style>${text(site, "page.css")}</style>`);
for (const name of ["words.js", "theme.js", "plotly.js", "recording.js"]) page = page.replace(new RegExp(`<script src="${name}"( defer)?></script>`), () => classic(name));
page = page.replace('<script type="module" src="main.js"></script>', () => script(main, ' type="module"'));
page = page.replace(/content="default-src[^"]*"/, `content="default-src 'none'; script-src ${scripts.join(" ")} data: 'wasm-unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; media-src blob:; worker-src blob:; connect-src 'none'; form-action 'none'; base-uri 'none'"`);
writeFileSync(join(dist, "page.html"), page);

const model = createHash("sha256").update(readFileSync(join(root, "assets/emotion.safetensors"))).digest("hex");
if (!text(here, "page/clouds.js").includes(model)) console.warn("page/clouds.js belongs to another model: run clouds.py");
const kB = (bytes) => (bytes / 1000).toFixed(0) + " kB";
console.log(`module ${kB(module.length)}, gzipped ${kB(packed.length)}; page ${kB(page.length)}, gzipped ${kB(gzipSync(page, { level: 9 }).length)}`);
