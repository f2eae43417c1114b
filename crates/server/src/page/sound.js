// Audio files to samples, by the browser's own decoders.

/** Enough for a picture, and a quarter of the memory of 44.1 kHz stereo. */
const RATE = 22050;

/** Mono samples of a file, or null where the browser cannot decode it. */
export async function decode(file) {
  try {
    const context = new OfflineAudioContext(1, 1, RATE);
    const buffer = await context.decodeAudioData(await file.arrayBuffer());
    const samples = buffer.getChannelData(0).slice();
    for (let c = 1; c < buffer.numberOfChannels; c += 1) {
      const channel = buffer.getChannelData(c);
      for (let i = 0; i < samples.length; i += 1) {
        samples[i] += channel[i];
      }
    }
    for (let i = 0; i < samples.length; i += 1) {
      samples[i] /= buffer.numberOfChannels;
    }
    return samples.length > 0 ? { samples, rate: RATE, seconds: buffer.duration } : null;
  } catch {
    return null;
  }
}
