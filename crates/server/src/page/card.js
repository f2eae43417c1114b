// A file's card: progress, answer or problem, pictures. All text is set as text, never as markup.

import { drawSpectrum, drawWave } from "./picture.js";

/** The bars of effects reach at least this far, so that a tenth of a percent does not look like much. */
const LEAST_SCALE = 0.05;

export class Card {
  constructor(template, file) {
    this.element = template.content.firstElementChild.cloneNode(true);
    this.part(".name").textContent = file.name;
    this.part(".state").textContent = "Waiting";
  }

  part(selector) {
    return this.element.querySelector(selector);
  }

  begin() {
    this.part(".state").textContent = "Uploading";
    const bar = this.part("progress");
    bar.hidden = false;
    bar.value = 0;
  }

  sent(share) {
    const bar = this.part("progress");
    if (share < 1) {
      bar.value = share;
    } else {
      bar.removeAttribute("value");
      this.part(".state").textContent = "Analysing";
    }
  }

  wait(text) {
    this.part("progress").hidden = true;
    this.part(".state").textContent = text;
  }

  fail(title, detail) {
    this.part("progress").hidden = true;
    this.part(".state").textContent = "";
    const problem = this.part(".problem");
    problem.hidden = false;
    problem.textContent = `${title}: ${detail}`;
  }

  answer(result, model, threshold) {
    this.part("progress").hidden = true;
    const { audio } = result;
    const packets = audio.n_bad_packets === 1 ? "packet" : "packets";
    const bad = audio.n_bad_packets > 0 ? `, ${audio.n_bad_packets} damaged ${packets} left out` : "";
    const lost = audio.n_lost > 0 ? `, ${(100 * audio.lost_share).toFixed(2)} % of the sound lost` : "";
    const channels = ["", "mono, ", "stereo, "][audio.n_channels] ?? `${audio.n_channels} channels, `;
    this.part(".state").textContent =
      `${clock(audio.duration_seconds)}, ${channels}${audio.sample_rate_hz} Hz${bad}${lost}; ` +
      `analysed in ${(1000 * result.seconds).toFixed(0)} ms`;
    const best = result.probabilities[0];
    this.part(".verdict").textContent = result.verdict === "unknown"
      ? "Unknown: unlike everything that the model has learnt, so that the bars below mean little"
      : result.abstained
      ? `Not sure: ${best.genre} comes first, with ${percent(best.probability)} below the line of ${percent(threshold)}`
      : `${result.genre}, ${percent(best.probability)}`;
    this.part(".set").hidden = !result.set;
    if (result.set) {
      const { coverage, genres } = result.set;
      const names = genres.length > 0 ? genres.join(", ") : "none is likely enough";
      this.part(".set").textContent = `The genre is among these in ${percent(coverage)} of recordings: ${names}`;
    }
    this.part(".styles").hidden = !result.styles;
    if (result.styles) {
      const paths = namedPaths(result.styles);
      this.part(".styles").textContent = `Styles: ${paths.length > 0 ? paths.join(", ") : "none is likely enough"}`;
    }
    this.part(".bars").replaceChildren(
      ...result.probabilities.map(({ genre, probability }) => probabilityBar(genre, probability, threshold)),
    );
    this.part(".line-note").textContent =
      `The dashed line at ${percent(threshold)}: below it no genre is named.`;
    this.part(".families").hidden = !result.families;
    if (result.families) {
      this.part(".top").textContent = best.genre;
      const largest = Math.max(...result.families.map((f) => Math.abs(f.effect)), LEAST_SCALE);
      this.part(".effects").replaceChildren(
        ...result.families.map(({ family, effect }) => effectBar(family, effect, largest)),
      );
    }
    this.part(".neighbours").hidden = !result.neighbours;
    if (result.neighbours) {
      this.part(".n-tracks").textContent = (model?.neighbours ?? 0).toLocaleString("en");
      this.part(".near").replaceChildren(...result.neighbours.map(neighbour));
    }
    this.part(".answer").hidden = false;
  }

  picture(sound) {
    this.part(".pictures").hidden = false;
    const redraw = () => {
      drawWave(this.part(".wave"), sound);
      drawSpectrum(this.part(".spectrum"), sound);
    };
    this.part("figcaption").textContent =
      `Waveform, and spectrogram from 60 Hz to ${sound.rate / 2} Hz (logarithmic), ${clock(sound.seconds)}`;
    redraw();
    new ResizeObserver(redraw).observe(this.part(".pictures"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  }

  noPicture(why) {
    const text = this.part(".no-picture");
    text.hidden = false;
    text.textContent = why;
  }
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

/** The named styles that none is below of, each with the genres above it. */
function namedPaths(styles) {
  const parentOf = new Map(styles.map(({ genre, parent }) => [genre, parent]));
  const named = styles.filter((style) => style.named);
  const above = new Set(named.map((style) => style.parent));
  const path = (genre) => (parentOf.get(genre) ? `${path(parentOf.get(genre))} › ${genre}` : genre);
  return named
    .filter(({ genre }) => !above.has(genre))
    .map(({ genre, probability }) => `${path(genre)} ${percent(probability)}`);
}

function clock(seconds) {
  const whole = Math.round(seconds);
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) {
    element.textContent = text;
  }
  return element;
}

function row(name, track, number) {
  const item = document.createElement("li");
  item.append(make("span", "", name), track, make("span", "number", number));
  return item;
}

function neighbour({ id, title, artist, genre, distance }) {
  const item = document.createElement("li");
  const name = make("span", "track-name", title ?? id);
  const of = [artist, genre, title ? `no.\u00a0${id}` : null].filter((part) => part);
  if (of.length > 0) {
    name.append(make("span", "quiet of", of.join(" · ")));
  }
  item.append(name, make("span", "number", distance.toFixed(2)));
  return item;
}

function probabilityBar(genre, probability, threshold) {
  const track = make("span", "track");
  const fill = make("span", "fill");
  fill.style.setProperty("--share", `${100 * probability}%`);
  const limit = make("span", "limit");
  limit.style.setProperty("--share", `${100 * threshold}%`);
  track.append(fill, limit);
  return row(genre, track, percent(probability));
}

function effectBar(family, effect, largest) {
  const track = make("span", "track");
  const fill = make("span", effect < 0 ? "fill against" : "fill");
  const share = (50 * Math.abs(effect)) / largest;
  fill.style.setProperty("--share", `${share}%`);
  fill.style.setProperty("--from", `${effect < 0 ? 50 - share : 50}%`);
  track.append(fill, make("span", "middle"));
  const size = (100 * Math.abs(effect)).toFixed(1);
  const sign = size === "0.0" ? "" : effect < 0 ? "−" : "+";
  return row(family.replaceAll("_", " "), track, `${sign}${size} %`);
}
