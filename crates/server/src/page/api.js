// Requests to the server this page came from.

const KEY = "cratedigger-token";

export function setToken(token) {
  sessionStorage.setItem(KEY, token);
}

function token() {
  return sessionStorage.getItem(KEY);
}

/** A problem as the server tells it (RFC 9457), or one of the connection. */
export class Problem extends Error {
  constructor(status, details, retryAfter) {
    super(details.detail || details.title || "The server gave no reason.");
    this.status = status;
    this.title = details.title || "This did not work";
    this.retryAfter = retryAfter;
  }
}

export async function getModel() {
  const headers = token() ? { Authorization: `Bearer ${token()}` } : {};
  let response;
  try {
    response = await fetch("/v1/model", { headers });
  } catch {
    throw unreachable();
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Problem(response.status, body, 0);
  }
  return body;
}

/** Sends a file; `onProgress` gets the share that is sent, 0 to 1. */
export function classify(file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/classify");
    if (token()) {
      request.setRequestHeader("Authorization", `Bearer ${token()}`);
    }
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) {
        onProgress(event.loaded / event.total);
      }
    };
    request.onload = () => {
      let body = {};
      try {
        body = JSON.parse(request.responseText);
      } catch {
        // The status says enough.
      }
      if (request.status === 200) {
        resolve(body);
      } else {
        reject(new Problem(request.status, body, Number(request.getResponseHeader("Retry-After")) || 0));
      }
    };
    request.onerror = () => reject(unreachable());
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
}

function unreachable() {
  return new Problem(0, {
    title: "The server cannot be reached",
    detail: "It may have been stopped, or the connection broke. Try again in a moment.",
  }, 0);
}
