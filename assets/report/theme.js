// Light, dark, or as the system says. Where the browser keeps nothing for pages from disk, the choice lasts as long as the page.
"use strict";
const theme = (() => {
  const root = document.documentElement;
  const names = { auto: "auto", light: "light", dark: "dark" };
  const listeners = [];
  let now = "auto";
  try { now = localStorage.getItem("ser-theme") || "auto"; } catch { /* none kept */ }
  if (!(now in names)) now = "auto";
  const apply = () => {
    if (now === "auto") delete root.dataset.theme; else root.dataset.theme = now;
    const button = document.getElementById("theme");
    if (button) button.textContent = "Theme: " + names[now];
    for (const listener of listeners) listener();
  };
  apply();
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    document.getElementById("theme").addEventListener("click", () => {
      const order = Object.keys(names);
      now = order[(order.indexOf(now) + 1) % order.length];
      try { localStorage.setItem("ser-theme", now); } catch { /* none kept */ }
      apply();
    });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  // Plotly's colours and margins, for every chart alike.
  const layout = (more) => {
    const axis = () => ({ gridcolor: colour("--line"), linecolor: colour("--soft"), zerolinecolor: colour("--soft"), tickcolor: colour("--soft"), ticks: "outside", automargin: true });
    const base = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { color: colour("--ink"), size: 12 }, showlegend: false, modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("--soft"), activecolor: colour("--accent") },
      hoverlabel: { bgcolor: colour("--panel"), bordercolor: colour("--soft"), font: { color: colour("--ink") }, align: "left" } };
    const all = Object.assign(base, more);
    for (const key of Object.keys(all)) if (/^[xy]axis/.test(key)) all[key] = Object.assign(axis(), all[key]);
    return all;
  };
  return { colour, layout, changed: (listener) => listeners.push(listener), refresh: apply };
})();
