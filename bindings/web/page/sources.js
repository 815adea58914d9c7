// Where the scripts are that run beside the page. The single-file build replaces this module with one that holds their text.
export const workerUrl = () => ({ url: new URL("./worker.js", import.meta.url), type: "module" });
export const workletUrl = () => new URL("./worklet.js", import.meta.url);
