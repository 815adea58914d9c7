// The microphone as blocks of samples, unprocessed: noise suppression and gain control would change what is measured.
import { workletUrl } from "./sources.js";

/** Starts recording; `heard` gets each block. Gives the rate and a function that stops and gives all samples. */
export async function listen(heard) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
  const context = new AudioContext();
  await context.audioWorklet.addModule(workletUrl());
  const source = context.createMediaStreamSource(stream);
  const blocks = [], node = new AudioWorkletNode(context, "blocks", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
  node.port.onmessage = ({ data }) => { blocks.push(data); heard(data.slice()); };
  source.connect(node);
  await context.resume();
  return {
    rate: context.sampleRate,
    async stop() {
      source.disconnect();
      for (const track of stream.getTracks()) track.stop();
      await context.close();
      const samples = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
      let at = 0;
      for (const block of blocks) { samples.set(block, at); at += block.length; }
      return samples;
    },
  };
}
