// An estimate in words: label, probabilities, whether it may be believed, and what spoke for and against it.
const { make, probabilities } = recording;
const w = words.page, byId = (id) => document.getElementById(id);
/** Reasons shown for each side. */
const MOST = 5;

/** A label that is only a guess has a question mark. */
export const verdict = (answer) => (answer.abstained ? w.cannotTell : answer.label + (answer.guess ? "?" : ""));
/** The highest probability; nothing for a guess. */
export const confidence = (answer) => (answer.guess ? "" : Math.max(...answer.support).toFixed(2));
/** 0.004 → "0.00"; a minus as typographers set it. */
const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);

/** Shows an answer; `classes` are the model's, `baseline` the seconds of speech of the baseline in use. */
export function show(answer, classes, baseline) {
  const box = byId("answer");
  box.replaceChildren(make("p", { class: "answer" }, verdict(answer)));
  if (answer.abstained) box.append(make("p", {}, words.fill(w.abstained, { reason: answer.abstained }) + " " + words.fill(w.bestGuess, answer)));
  box.append(make("div", { class: "probabilities" }, ...probabilities(classes.map((name, i) => [name, answer.support[i]]), answer.guess)));
  if (answer.guess) box.append(make("p", { class: "small" }, w.guess));
  box.append(make("p", { class: "small" }, (answer.outside.length ? words.fill(w.outside, { reasons: answer.outside.join("; ") }) : w.within) + " " + (baseline ? words.fill(w.relative, { seconds: baseline.toFixed(1) }) : w.general)));
}

/** Shows why; `offset` is where the explained stretch begins, `look` is called with a stretch that was selected. Gives the stretches as marks. */
export function explain(why, offset, look) {
  const marks = [];
  const stretch = ([from, to]) => {
    const [start, end] = [from + offset, to + offset];
    const button = make("button", { type: "button" }, words.fill(w.at, { from: start.toFixed(2), to: end.toFixed(2) }));
    button.addEventListener("click", () => look(start, end));
    return button;
  };
  const side = (positive) => why.voices.filter((voice) => (positive ? voice.contribution > 0 : voice.contribution < 0)).slice(0, MOST).map((voice) => {
    for (const [from, to] of voice.spans) marks.push({ from: from + offset, to: to + offset, for: positive, text: voice.group });
    return make("li", {}, make("b", { class: positive ? "for" : "against" }, positive ? w.for : w.against), make("span", { class: "n" }, signed(voice.contribution)), make("span", {}, voice.group + ": " + voice.words + " ", ...voice.spans.map(stretch)));
  });
  byId("why").replaceChildren(make("h3", {}, words.fill(w.why, { label: why.class })), make("ul", { class: "reasons" }, ...side(true), ...side(false)), make("p", { class: "small" }, words.fill(w.whyHelp, { label: why.class, reference: why.reference })));
  return marks;
}
