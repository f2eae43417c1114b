// Waveform and spectrogram on canvases, as sharp as the screen.

import { Fourier } from "./fourier.js";

const SIZE = 2048;
const LOWEST_HZ = 60;
const RANGE_DB = 80;
/** Colours from quiet to loud; between them it is interpolated. */
const COLOURS = [[0, 0, 8], [60, 15, 110], [165, 40, 105], [235, 105, 55], [252, 200, 80], [252, 253, 200]];

const fourier = new Fourier(SIZE);

function prepare(canvas) {
  const scale = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * scale));
  const height = Math.max(1, Math.round(canvas.clientHeight * scale));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  return { context: canvas.getContext("2d"), width, height };
}

/** The smallest and largest sample of every column. */
export function drawWave(canvas, { samples }) {
  const { context, width, height } = prepare(canvas);
  context.clearRect(0, 0, width, height);
  context.fillStyle = getComputedStyle(canvas).color;
  for (let x = 0; x < width; x += 1) {
    const from = Math.floor((x * samples.length) / width);
    const to = Math.max(from + 1, Math.floor(((x + 1) * samples.length) / width));
    let low = 1;
    let high = -1;
    for (let i = from; i < to && i < samples.length; i += 1) {
      low = Math.min(low, samples[i]);
      high = Math.max(high, samples[i]);
    }
    const top = ((1 - high) * height) / 2;
    context.fillRect(x, top, 1, Math.max(1, ((high - low) * height) / 2));
  }
}

/** Power in dB over time and logarithmic frequency, down to 80 dB below the loudest. */
export function drawSpectrum(canvas, sound) {
  const { context, width, height } = prepare(canvas);
  const grid = (sound.grid ??= spectrogram(sound));
  const image = context.createImageData(width, height);
  const top = sound.rate / 2;
  for (let y = 0; y < height; y += 1) {
    const hz = top * (LOWEST_HZ / top) ** (y / Math.max(1, height - 1));
    const bin = Math.min(SIZE / 2, Math.round((hz * SIZE) / sound.rate));
    for (let x = 0; x < width; x += 1) {
      const column = Math.floor((x * grid.nColumns) / width);
      const db = grid.db[column * (SIZE / 2 + 1) + bin];
      colour(1 + (db - grid.loudest) / RANGE_DB, image.data, 4 * (y * width + x));
    }
  }
  context.putImageData(image, 0, 0);
}

function spectrogram({ samples }) {
  const nColumns = Math.max(1, Math.min(800, Math.floor(samples.length / 256)));
  const nBins = SIZE / 2 + 1;
  const db = new Float32Array(nColumns * nBins);
  const powers = new Float64Array(nBins);
  let loudest = -Infinity;
  for (let column = 0; column < nColumns; column += 1) {
    const middle = ((column + 0.5) * samples.length) / nColumns;
    fourier.powers(samples, Math.round(middle - SIZE / 2), powers);
    for (let bin = 0; bin < nBins; bin += 1) {
      const value = 10 * Math.log10(powers[bin] + 1e-12);
      db[column * nBins + bin] = value;
      loudest = Math.max(loudest, value);
    }
  }
  return { nColumns, db, loudest };
}

function colour(share, out, at) {
  const place = Math.min(1, Math.max(0, share)) * (COLOURS.length - 1);
  const index = Math.min(COLOURS.length - 2, Math.floor(place));
  for (let c = 0; c < 3; c += 1) {
    out[at + c] = COLOURS[index][c] + (place - index) * (COLOURS[index + 1][c] - COLOURS[index][c]);
  }
  out[at + 3] = 255;
}
