/** A set of features; only `eGeMAPS-ser` and `eGeMAPS-ser+` are defined at one rate, 16 kHz. */
export type FeatureSet = "eGeMAPSv02" | "eGeMAPSv01b" | "eGeMAPSv01a" | "GeMAPSv01b" | "GeMAPSv01a" | "eGeMAPS-ser" | "eGeMAPS-ser+";
/** One row of statistics, or one row of descriptors every 10 ms. */
export type Level = "functionals" | "lld";
/** What is extracted: by default the functionals of eGeMAPSv02. */
export interface Options { set?: FeatureSet; level?: Level }
/** A recording: mono samples, full scale ±1, and their rate in Hz. */
export interface Samples { samples: Float32Array; rate: number }
/** Rows of features: `values` row after row, one per name. */
export interface Features { set: FeatureSet; level: Level; names: string[]; spans: [number, number][]; values: Float32Array }
/** A column with its unit and meaning. */
export interface Column { name: string; unit: string; group: string; meaning: string }
/** What was measured of a recording before analysis. */
export interface Facts { level_db: number | null; bandwidth_hz: number | null; recording_s: number; speech_s: number; voiced: number; clipped: number }
/** What the model answers; `abstained` says why it declines to label, `outside` in what the recording is unlike the training data. */
export interface Answer { label: string; abstained: string | null; probabilities: number[] | null; latent: number[] | null; outside: string[]; standardised: number[]; facts?: Facts }
/** An answer about a stretch, seconds. */
export interface Part extends Answer { start: number; end: number }
/** What a group of features added to the log odds of the label. */
export interface Turn { start_s: number; end_s: number }

export interface Voice { group: string; contribution: number; words: string; deviations: number; spans: [number, number][] }
/** Why the label: contributions add up to `difference`, with `residual` left. */
export interface Why { class: string; reference: string; difference: number; residual: number; voices: Voice[] }
/** Numbers for a chart of a recording, and its spectrogram as grey levels. */
export interface View { data: object; picture: { pixels: Uint8Array; width: number; height: number } }
