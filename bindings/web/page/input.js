// Recordings as they come: chosen, dropped, or in a folder.
const AUDIO = /\.(wav|wave|flac|mp3|ogg|oga|m4a|mp4|aac|aif|aiff|aifc|caf|mka|mkv|webm|opus|weba)$/i;

/** Calls `opened` with a list of { name, file } for everything that is chosen or dropped. */
export function inputs(opened) {
  const byId = (id) => document.getElementById(id), drop = byId("drop");
  for (const [button, input] of [["choose-files", "files"], ["choose-folder", "folder"]]) {
    byId(button).addEventListener("click", () => byId(input).click());
    byId(input).addEventListener("change", () => {
      const whole = input === "folder";
      opened([...byId(input).files].map((file) => ({ name: file.webkitRelativePath || file.name, file })).filter(({ name }) => !whole || AUDIO.test(name)).sort(byName));
      byId(input).value = "";
    });
  }
  addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  addEventListener("dragleave", () => drop.classList.remove("over"));
  addEventListener("drop", async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    // Entries are gone after the first pause, so all are taken at once; what is no entry is a file that another program made.
    const things = [...event.dataTransfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry() || item.getAsFile());
    const found = await Promise.all(things.map((thing) => (thing instanceof File ? [{ name: thing.name, file: thing }] : within(thing, ""))));
    opened(found.flat().sort(byName));
  });
}

const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

// A file itself, or the recordings below a folder.
async function within(entry, path) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return !path || AUDIO.test(entry.name) ? [{ name: path + entry.name, file }] : [];
  }
  const reader = entry.createReader(), list = [];
  // A reader gives a folder in portions, the last of which is empty.
  for (;;) {
    const portion = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!portion.length) break;
    list.push(...portion);
  }
  return (await Promise.all(list.map((below) => within(below, path + entry.name + "/")))).flat();
}
