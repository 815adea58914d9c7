// Keys for the whole page, except where a control takes them itself.

/** Calls the action of a key that is pressed outside controls that use it. */
export function keyboard(actions) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, audio")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    // Space presses buttons and opens details; arrows scroll where there is something to scroll.
    if (key === " " && event.target.closest("button, summary, a")) return;
    if (key.startsWith("Arrow") && event.target.closest(".scroll")) return;
    if (!Object.hasOwn(actions, key)) return;
    event.preventDefault();
    actions[key]();
  });
}
