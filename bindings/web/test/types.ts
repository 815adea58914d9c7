// Compiled, not run: the declarations say what the package takes and gives.
import init, { Classifier, Extractor, Table, columns, decode, extract, view } from "../dist/package/ser_web.js";

export async function everything(bytes: Uint8Array): Promise<number[]> {
  await init({ module_or_path: bytes });
  const sound = decode(bytes);
  const samples: Float32Array = sound.samples, rate: number = sound.rate;
  const features = extract(samples, rate, { set: "eGeMAPSv02", level: "lld" });
  const values: Float32Array = features.values;
  const extractor = new Extractor(rate, { level: "functionals" });
  extractor.push(samples);
  const names: string[] = extractor.finish().names;
  const classifier = new Classifier();
  const own = classifier.baseline([{ samples, rate }]);
  const label: string = own.classify(samples, rate).label;
  const spans: [number, number][] = classifier.explain(samples, rate).voices[0].spans;
  const starts: number[] = classifier.windows(samples, rate, 3, 1).map((part) => part.start);
  const table = new Table({ set: "GeMAPSv01b" });
  table.add("a.wav", samples, rate);
  const text: string = table.csv();
  const width: number = view(samples, rate).picture.width;
  const meaning: string = columns("eGeMAPSv02")[0].meaning;
  return [values.length, names.length, spans.length, width, ...starts, label.length, text.length, meaning.length];
}
// @ts-expect-error a set that there is not
export const wrong = (samples: Float32Array) => extract(samples, 16000, { set: "none" });
