// Magnitudes of a windowed block: radix-2 Fourier transform, planned once for a size.

export class Fourier {
  constructor(size) {
    this.size = size;
    this.window = Float64Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size));
    this.cos = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.sin = Float64Array.from({ length: size / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
    const bits = Math.log2(size);
    this.order = Uint32Array.from({ length: size }, (_, n) => {
      let reversed = 0;
      for (let b = 0; b < bits; b += 1) {
        reversed |= ((n >> b) & 1) << (bits - 1 - b);
      }
      return reversed;
    });
    this.re = new Float64Array(size);
    this.im = new Float64Array(size);
  }

  /** Powers of bins 0 to size / 2 of the block that begins at `start`; samples outside count as 0. */
  powers(samples, start, out) {
    const { size, re, im } = this;
    for (let n = 0; n < size; n += 1) {
      const from = this.order[n];
      re[n] = (samples[start + from] ?? 0) * this.window[from];
      im[n] = 0;
    }
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let block = 0; block < size; block += 2 * half) {
        for (let k = 0; k < half; k += 1) {
          const c = this.cos[k * step];
          const s = this.sin[k * step];
          const a = block + k;
          const b = a + half;
          const x = re[b] * c - im[b] * s;
          const y = re[b] * s + im[b] * c;
          re[b] = re[a] - x;
          im[b] = im[a] - y;
          re[a] += x;
          im[a] += y;
        }
      }
    }
    for (let k = 0; k <= size / 2; k += 1) {
      out[k] = re[k] * re[k] + im[k] * im[k];
    }
  }
}
