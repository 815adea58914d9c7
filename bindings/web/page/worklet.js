// Passes on what the microphone hears, in blocks of a tenth of a second.
class Blocks extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(Math.round(sampleRate / 10));
    this.filled = 0;
  }

  process([channels]) {
    const heard = channels[0];
    for (let i = 0; heard && i < heard.length; i++) {
      this.block[this.filled++] = heard[i];
      if (this.filled === this.block.length) {
        this.port.postMessage(this.block);
        this.filled = 0;
      }
    }
    return true;
  }
}
registerProcessor("blocks", Blocks);
