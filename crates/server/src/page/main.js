// The page: files come in by drop, choice or recording, and each gets a card.

import { Problem, classify, getModel, setToken } from "./api.js";
import { Card } from "./card.js";
import { decode } from "./sound.js";
import { Recorder } from "./recorder.js";

const AT_A_TIME = 2;
const MAX_RETRIES = 5;
/** Beyond this the browser's memory is better spent otherwise; the server takes larger files. */
const MAX_PICTURE_BYTES = 40e6;

const at = (id) => document.getElementById(id);
const waiting = [];
let running = 0;
let model = null;

async function start() {
  try {
    model = await getModel();
  } catch (problem) {
    at("model").textContent = `${problem.title}: ${problem.message}`;
    at("token-form").hidden = problem.status !== 401;
    return;
  }
  at("token-form").hidden = true;
  const genres = model.genres.length;
  at("model").textContent =
    `${genres} genres by ${model.method}, model ${model.id}; features ${model.recipe}. ` +
    `No genre is named below ${percent(model.threshold)}.`;
  at("limits").textContent =
    `Up to ${Math.floor(model.limits.max_body_bytes / 2 ** 20)} MiB and ` +
    `${minutes(model.limits.max_duration_seconds)} each: MP3, FLAC, Ogg Vorbis, Opus, WAV, AIFF, CAF, AAC, M4A, Matroska.`;
  at("report").hidden = !model.report;
}

function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}

function minutes(seconds) {
  return seconds < 120 ? `${seconds} seconds` : `${Math.floor(seconds / 60)} minutes`;
}

function add(files) {
  for (const file of files) {
    const card = new Card(at("card"), file);
    at("cards").prepend(card.element);
    waiting.push({ file, card });
  }
  next();
}

function next() {
  while (running < AT_A_TIME && waiting.length > 0) {
    running += 1;
    one(waiting.shift()).finally(() => {
      running -= 1;
      next();
    });
  }
  const left = running + waiting.length;
  at("status").textContent = left === 0 ? "" : `${left} ${left === 1 ? "file" : "files"} to go`;
}

async function one({ file, card }) {
  draw(file, card);
  if (model && file.size > model.limits.max_body_bytes) {
    card.fail("The file is too large", `This server takes files of up to ${model.limits.max_body_bytes} bytes.`);
    return;
  }
  for (let attempt = 0; ; attempt += 1) {
    try {
      card.begin();
      const answer = await classify(file, (share) => card.sent(share));
      card.answer(answer.results[0], model, answer.threshold);
      return;
    } catch (problem) {
      if (!(problem instanceof Problem)) {
        throw problem;
      }
      if (problem.status === 401) {
        at("token-form").hidden = false;
        at("token").focus();
      }
      if (problem.status !== 429 || attempt === MAX_RETRIES) {
        card.fail(problem.title, problem.message);
        return;
      }
      const seconds = Math.max(1, problem.retryAfter);
      card.wait(`The server is busy; trying again in ${seconds} s`);
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    }
  }
}

async function draw(file, card) {
  if (file.size > MAX_PICTURE_BYTES) {
    card.noPicture("The file is too large to be drawn here.");
    return;
  }
  const sound = await decode(file);
  if (sound) {
    card.picture(sound);
  } else {
    card.noPicture("This browser cannot decode the file, so there is no picture of it.");
  }
}

at("files").addEventListener("change", (event) => {
  add(event.target.files);
  event.target.value = "";
});

for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    at("drop").classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) {
    at("drop").classList.remove("over");
  }
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  at("drop").classList.remove("over");
  add(event.dataTransfer.files);
});

at("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  setToken(at("token").value.trim());
  at("token").value = "";
  start();
});

const recorder = new Recorder();
at("record").addEventListener("click", async () => {
  const button = at("record");
  try {
    if (recorder.running) {
      add([await recorder.stop()]);
      at("status").textContent = "";
    } else {
      await recorder.start((seconds) => {
        at("status").textContent = `Recording, ${seconds.toFixed(0)} s; press the button again to end`;
      });
    }
  } catch (error) {
    at("status").textContent = error.message;
  }
  button.setAttribute("aria-pressed", String(recorder.running));
  button.textContent = recorder.running ? "Stop" : "Record";
});

start();
