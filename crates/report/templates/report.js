// Draws the figures in the page's colours, makes tables sortable, and saves the findings. Nothing here loads anything.
(() => {
  "use strict";
  const root = document.documentElement;
  const colour = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const figures = read("figures-json");
  const synthetic = document.body.classList.contains("synthetic");

  // A copy of a figure's value with palette names ("@c1") as colours; only where a colour is expected.
  const paint = (value, key) => {
    if (Array.isArray(value)) return value.map((item) => paint(item, key));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, paint(item, name)]));
    }
    const coloured = key === "color" || key === "colorscale";
    return coloured && typeof value === "string" && value.startsWith("@") ? colour(value.slice(1)) : value;
  };

  // Genres: which ones a reader left out, by their names as plotly is given them.
  const boxes = [...document.querySelectorAll("#genre-choice input")];
  const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const genres = boxes.map((box) => plain(box.value)).sort((a, b) => b.length - a.length);
  const leftOut = new Set();
  const isOut = (label) => leftOut.has(genres.find((genre) => label === genre || String(label).startsWith(genre + " (")));

  // A figure's traces without the genres that were left out.
  const chosen = (figure) => {
    const where = figure.layout.meta?.genres;
    if (!where || leftOut.size === 0) return figure.data;
    if (where === "traces") return figure.data.filter((trace) => !isOut(trace.name));
    return figure.data.map((trace) => {
      const copy = { ...trace };
      for (const side of where) {
        const kept = copy[side].map((label, index) => (isOut(label) ? -1 : index)).filter((index) => index >= 0);
        const n = copy[side].length;
        const pick = (list) => kept.map((index) => list[index]);
        if (copy.type === "heatmap") {
          copy[side] = pick(copy[side]);
          copy.z = side === "y" ? pick(copy.z) : copy.z.map(pick);
        } else {
          for (const key of ["x", "y", "text", "customdata"]) {
            if (Array.isArray(copy[key]) && copy[key].length === n) copy[key] = pick(copy[key]);
          }
        }
      }
      return copy;
    });
  };

  const axis = (given, narrow) => ({
    gridcolor: colour("rule"), zerolinecolor: colour("soft"), linecolor: colour("soft"), tickcolor: colour("soft"),
    zeroline: false, fixedrange: narrow, ...given,
    title: given.title && { standoff: 10, font: { size: 12, color: colour("soft") }, ...given.title },
  });

  // On a phone a heat map with many columns leaves out their names, unless it says which are written, and its scale lies below it.
  const NARROW = 480;
  const crowded = (figure, width) => width < NARROW && figure.data[0].type === "heatmap" && figure.data[0].x.length > 12 && !figure.layout.xaxis.tickvals;
  const fitted = (figure, data, width) => {
    if (!crowded(figure, width)) return data;
    const bar = { orientation: "h", y: 0, yanchor: "top", ypad: 34, thickness: 10, title: { side: "top" } };
    return data.map((trace) => ({
      ...trace, colorbar: { ...trace.colorbar, ...bar, title: { ...trace.colorbar.title, ...bar.title } },
    }));
  };
  // How many lines more than one a legend above the plot may take there.
  const legendLines = (figure, narrow) => {
    const n = figure.data.filter((trace) => trace.name && trace.showlegend !== false).length;
    return narrow && !figure.layout.legend && n > 1 ? Math.ceil(n / 2) - 1 : 0;
  };

  const layoutOf = (figure, width) => {
    const narrow = width < NARROW;
    const some = figure.layout.meta?.genres && leftOut.size ? ` \u00b7 ${genres.length - leftOut.size} genres shown` : "";
    const subtitle = figure.subtitle + some + (synthetic ? " \u00b7 synthetic data" : "");
    const given = paint(figure.layout);
    const perLine = Math.max(24, Math.floor(width / 7.2));
    const wrapped = subtitle.replace(new RegExp(`(.{1,${perLine}})(\\s+|$)`, "g"), "$1<br>").replace(/(<br>)+$/, "");
    return {
      ...given,
      title: {
        text: figure.title, x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top", pad: { t: 10, l: 10 },
        font: { size: narrow ? 14 : 16, color: colour("ink"), weight: 600 },
        subtitle: { text: wrapped, font: { size: 12, color: colour("soft") } },
      },
      font: { family: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif', size: narrow ? 11 : 12, color: colour("ink") },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      margin: { t: 84 + 14 * (wrapped.split("<br>").length - 1) + 20 * legendLines(figure, narrow), r: 24, b: 48, l: 56 },
      xaxis: axis({ ...given.xaxis, ...(crowded(figure, width) ? { showticklabels: false, title: { text: "The same columns, left to right" } } : {}) }, narrow), yaxis: axis(given.yaxis || {}, narrow),
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)", traceorder: "normal", ...(given.legend || {}) },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("soft"), activecolor: colour("ink") },
      hoverlabel: { bgcolor: colour("card"), bordercolor: colour("soft"), font: { color: colour("ink") } },
      height: figure.height, autosize: true, dragmode: narrow ? false : "zoom",
    };
  };

  const config = {
    responsive: true, displaylogo: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  };

  const draw = (which = () => true) => figures.filter(which).map((figure) => {
    const place = document.getElementById(figure.id + "-plot");
    const options = { ...config, toImageButtonOptions: { format: "svg", filename: figure.file } };
    return Plotly.react(place, paint(fitted(figure, chosen(figure), place.clientWidth)), layoutOf(figure, place.clientWidth), options);
  });
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
  const printing = matchMedia("print");
  printing.addEventListener("change", () => draw());
  addEventListener("beforeprint", () => draw());
  addEventListener("afterprint", () => draw());
  root.dataset.drawn = String(figures.length);

  if (boxes.length) {
    const update = () => {
      leftOut.clear();
      const out = boxes.filter((box) => !box.checked);
      if (out.length < boxes.length) out.forEach((box) => leftOut.add(plain(box.value)));
      draw((figure) => figure.layout.meta?.genres);
    };
    boxes.forEach((box) => box.addEventListener("change", update));
    for (const [id, checked] of [["genres-all", true], ["genres-none", false]]) {
      document.getElementById(id).addEventListener("click", () => {
        boxes.forEach((box) => { box.checked = checked; });
        update();
      });
    }
    document.getElementById("genre-choice").hidden = false;
  }

  // Tables: a click on a heading sorts by that column, a second click the other way round.
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    table.querySelectorAll("th").forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      button.title = "Sort by this column";
      heading.replaceChildren(button);
      button.addEventListener("click", () => {
        const numeric = heading.classList.contains("n");
        const before = heading.getAttribute("aria-sort");
        const up = before ? before === "descending" : !numeric;
        table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", up ? "ascending" : "descending");
        const key = (row) => {
          const cell = row.cells[column];
          return cell.dataset.sort === undefined ? cell.textContent : Number(cell.dataset.sort);
        };
        const compare = (a, b) => {
          if (typeof a === "number" && typeof b === "number") return up ? a - b : b - a;
          // Cells without a number come last, whichever way the others are sorted.
          if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
          return (up ? 1 : -1) * a.localeCompare(b, "en", { numeric: true });
        };
        const rows = [...body.rows].map((row) => [key(row), row]);
        rows.sort((a, b) => compare(a[0], b[0]));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }

  // Contents: mark the section that is being read.
  const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      links.forEach((link) => link.removeAttribute("aria-current"));
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  document.querySelectorAll("main > section").forEach((section) => seen.observe(section));

  const save = document.getElementById("save-findings");
  save.hidden = false;
  save.addEventListener("click", () => {
    const text = JSON.stringify(read("findings-json"), null, 2);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "findings.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
})();
