// The microphone as a WAV file: samples as they come, not a lossy format that the server may not know.

const MAX_SECONDS = 300;

export class Recorder {
  running = false;

  /** Begins; `onTime` gets the seconds so far. */
  async start(onTime) {
    if (!navigator.mediaDevices) {
      throw new Error("Recording needs a secure address (https, or localhost).");
    }
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
    } catch {
      throw new Error("There is no microphone, or the browser may not use it.");
    }
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule("/page/tap.js");
    this.blocks = [];
    this.nSamples = 0;
    this.tap = new AudioWorkletNode(this.context, "tap", { numberOfOutputs: 0 });
    this.tap.port.onmessage = ({ data }) => {
      const seconds = this.nSamples / this.context.sampleRate;
      if (seconds < MAX_SECONDS) {
        this.blocks.push(data);
        this.nSamples += data.length;
        onTime(seconds);
      }
    };
    this.context.createMediaStreamSource(this.stream).connect(this.tap);
    this.running = true;
  }

  /** Ends; returns the recording as a file. */
  async stop() {
    this.running = false;
    this.tap.port.onmessage = null;
    for (const track of this.stream.getTracks()) {
      track.stop();
    }
    const rate = this.context.sampleRate;
    await this.context.close();
    const time = new Date().toTimeString().slice(0, 8).replaceAll(":", "-");
    return new File([wav(this.blocks, this.nSamples, rate)], `recording-${time}.wav`, { type: "audio/wav" });
  }
}

/** 16-bit mono WAV. */
function wav(blocks, nSamples, rate) {
  const view = new DataView(new ArrayBuffer(44 + 2 * nSamples));
  const text = (at, word) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * nSamples, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * nSamples, true);
  let at = 44;
  for (const block of blocks) {
    for (const sample of block) {
      view.setInt16(at, Math.round(32767 * Math.max(-1, Math.min(1, sample))), true);
      at += 2;
    }
  }
  return view.buffer;
}
