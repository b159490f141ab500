/* A presentation turned in the browser: no key waits for the server.

`data`: `views` (address, number, part, parts, title, kind, html, map, notes), `start` (position of
the first view shown), `said` (what is to be known of it, if anything), `last` (number of the last
slide), `footer`, `lengths` (of a page of 1280 × 720), `param` (what the address calls a view),
`leave` (selector of the link that leaves). HTML comes escaped from the page; everything else enters
as text. */
const LARGEST = 34, SMALLEST = 16, STEP = 2;
const PHONE_MAP = 0.75; // Of its size in a page of 1280 × 720.
const TITLES = { notes: "Notes de l’orateur", list: "Diapositives", help: "Touches du clavier" };
const NO_NOTE = "Pas de note pour cette diapositive.";
const KEYS = {
  ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next",
  ArrowLeft: "previous", ArrowUp: "previous", PageUp: "previous", Backspace: "previous",
  Home: "first", End: "last",
  f: "full", F5: "full", n: "notes", l: "list", "?": "help", h: "help",
  b: "blank", ".": "blank", Escape: "leave",
};
let running = null;

export default function ({ data, parentElement }) {
  running?.();
  const stop = start(parentElement, data);
  running = stop;
  return stop;
}

function start(parent, data) {
  const { views } = data;
  const find = (selector) => parent.querySelector(selector);
  const show = find(".show"), stage = find(".stage"), panel = find(".panel"), blank = find(".blank");
  const button = (name) => find(`[data-do="${name}"]`);
  const ending = new AbortController();
  const { signal } = ending;
  const fitted = new Map(); // By view: the size of the stage that its type was fitted to.
  let at = Math.max(views.findIndex((view) => view.address === asked()), 0);
  if (asked() === null) at = data.start;
  let typed = ""; // Digits of the slide that is asked for.

  // A modal dialog: the page under it is out of reach, and nothing of the page can stop the slides,
  // not even the box of Streamlit on a server that is lost.
  if (!show.open) show.showModal();
  find(".said").textContent = data.said;
  find(".said").hidden = !data.said;
  for (const [name, value] of Object.entries(data.lengths)) show.style.setProperty(`--${name}`, value);
  find(".source").textContent = data.footer;
  const sections = views.map((view) => {
    const section = document.createElement("section");
    section.className = view.kind;
    section.setAttribute("aria-label", `Diapositive ${view.number} sur ${data.last}${among(view)}`);
    section.innerHTML = view.html;
    section.prepend(element("p", view.title));
    return section;
  });
  stage.replaceChildren(...sections);
  find(".list").replaceChildren(...views.map(entry));

  function asked() {
    return new URLSearchParams(location.search).get(data.param);
  }

  /* Return which part of its slide a view is, where it takes several. */
  function among({ part, parts }) {
    return parts > 1 ? ` (vue ${part} sur ${parts})` : "";
  }

  function element(tag, text) {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  }

  /* Make the title of a view that of the page, or no title: a page has only one. */
  function entitle(section, title) {
    const made = element(title ? "h1" : "p", section.firstElementChild.textContent);
    made.className = "title";
    section.firstElementChild.replaceWith(made);
  }

  function entry(view, position) {
    const line = document.createElement("li");
    const go = element("button", `${view.number}. ${view.title}`);
    go.type = "button";
    go.dataset.position = position;
    line.append(go);
    return line;
  }

  // --- What is shown. ---

  function turn(to) {
    if (to !== at) find(".said").hidden = true;
    at = Math.min(Math.max(to, 0), views.length - 1);
    const { notes } = views[at];
    sections.forEach((section, position) => {
      section.classList.toggle("on", position === at);
      section.inert = position !== at;
      entitle(section, position === at);
    });
    const address = new URL(location.href);
    address.searchParams.set(data.param, views[at].address);
    history.replaceState(history.state, "", address);
    button("list").firstChild.textContent = `${views[at].number} / ${data.last}`;
    find(".among").textContent = among(views[at]);
    button("previous").disabled = at === 0;
    button("next").disabled = at === views.length - 1;
    find(".notes").replaceChildren(...(notes.length ? notes : [NO_NOTE]).map((note) => element("p", note)));
    find(".list").querySelectorAll("button").forEach((go, position) => {
      go.toggleAttribute("aria-current", position === at);
    });
    stage.scrollTop = 0;
    prepare(at);
    soon(() => [at + 1, at - 1].forEach(prepare));
  }

  /* Draw what a view waits for: its map, and its words in the largest type that fits. */
  function prepare(position) {
    if (!sections[position]?.clientHeight) return;
    fit(position);
    const frame = sections[position].querySelector("iframe");
    if (frame && !frame.srcdoc) wake(frame, views[position].map);
  }

  function fit(position) {
    const section = sections[position];
    const size = `${stage.clientWidth} ${stage.clientHeight} ${scrolls()}`;
    if (fitted.get(position) === size) return;
    fitted.set(position, size);
    section.style.removeProperty("--type");
    section.classList.remove("unbroken");
    if (scrolls()) return;
    for (let type = LARGEST; type >= SMALLEST; type -= STEP) {
      section.style.setProperty("--type", type);
      // Figures on one line each, where the names beside them leave the room.
      for (const unbroken of [true, false]) {
        section.classList.toggle("unbroken", unbroken);
        if (holds(section)) return;
      }
    }
  }

  const scrolls = () => getComputedStyle(stage).overflowY === "auto";
  const holds = (section) => [section, ...section.querySelectorAll(".body, .words, .map, .table")].every(
    (box) => box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1);

  function wake(frame, document) {
    // As if the frame stood where streamlit-folium puts its own: its addresses are relative.
    const base = new URL("component/map/", location.href.split("?")[0]).href;
    frame.addEventListener("load", () => frame.contentWindow.addEventListener("keydown", onKey, { capture: true, signal }));
    frame.srcdoc = document.replace("<head>", () => `<head><base href="${base}">`);
  }

  /* Return how many pixels one of a page of 1280 × 720 takes here. */
  function pixel() {
    const { width, height, foot } = data.lengths;
    return Math.min(stage.clientWidth / width, stage.clientHeight / (height - foot));
  }

  function resized() {
    show.style.setProperty("--px", scrolls() ? "1px" : `${pixel()}px`);
    show.style.setProperty("--k", scrolls() ? PHONE_MAP : pixel());
    prepare(at);
    soon(() => [at + 1, at - 1].forEach(prepare));
  }

  function soon(work) {
    const later = window.requestIdleCallback ?? ((f) => setTimeout(f, 50));
    later(() => { if (!signal.aborted) work(); });
  }

  // --- What is asked for. ---

  const actions = {
    next: () => turn(at + 1),
    previous: () => turn(at - 1),
    first: () => turn(0),
    last: () => turn(views.length - 1),
    notes: () => open("notes"),
    list: () => open("list"),
    help: () => open("help"),
    close: () => open(null),
    full: () => document.fullscreenElement
      ? document.exitFullscreen() : document.documentElement.requestFullscreen?.(),
    blank: () => { blank.hidden = false; },
    leave: () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else if (panel.hidden) leave();
      else open(null);
    },
  };

  /* Open a panel beside the slide, or close it; one that is open closes. */
  function open(name) {
    const closes = name === null || panel.dataset.shown === name;
    panel.dataset.shown = closes ? "" : name;
    panel.hidden = closes;
    panel.querySelector("h2").textContent = closes ? "" : TITLES[name];
    for (const each of ["notes", "list", "help"]) {
      button(each).setAttribute("aria-expanded", !closes && each === name);
    }
    panel.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  async function leave() {
    if (document.fullscreenElement) await document.exitFullscreen();
    document.querySelector(data.leave).click();
  }

  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.composedPath()[0];
    if (target.closest?.("input, textarea, select")) return;
    const pressed = target.closest?.("button") && (event.key === " " || event.key === "Enter");
    if (pressed) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const digits = typed;
    typed = /^\d$/.test(key) ? digits + key : "";
    if (typed || (key === "Enter" && !digits)) return;
    const name = key === " " && event.shiftKey ? "previous" : KEYS[key];
    if (key !== "Enter" && !name) return;
    event.preventDefault();
    event.stopPropagation();
    if (!blank.hidden) {
      blank.hidden = true;
    } else if (key === "Enter") {
      const slide = Math.min(Math.max(Number(digits), 1), data.last);
      turn(views.findIndex((view) => view.number === slide));
    } else {
      actions[name]();
    }
  }

  function onClick(event) {
    const pressed = event.composedPath()[0].closest?.("button");
    if (!pressed || !show.contains(pressed)) return;
    const { position, do: name } = pressed.dataset;
    if (position) {
      turn(Number(position));
      open(null);
    } else if (name === "leave") {
      leave();
    } else {
      actions[name]();
    }
    // A mouse leaves no button behind it for the space bar to press again.
    if (event.detail) pressed.blur();
  }

  window.addEventListener("keydown", onKey, { capture: true, signal });
  show.addEventListener("cancel", (event) => event.preventDefault(), { signal });
  window.addEventListener("popstate", () => turn(Math.max(views.findIndex((v) => v.address === asked()), 0)), { signal });
  // Before the page hears of it: a box of Streamlit keeps to itself the clicks that fall outside it.
  window.addEventListener("click", onClick, { capture: true, signal });
  blank.addEventListener("click", () => { blank.hidden = true; }, { signal });
  const watch = new ResizeObserver(resized);
  watch.observe(stage);
  document.fonts.ready.then(() => {
    if (signal.aborted) return;
    fitted.clear();
    resized();
  });
  open(null);
  resized();
  turn(at);
  // Maps are ready before they are reached: only a phone, where hidden views have no size, waits.
  soon(() => views.forEach((view, position) => { if (view.map) prepare(position); }));

  return () => {
    ending.abort();
    watch.disconnect();
    stage.replaceChildren();
  };
}
