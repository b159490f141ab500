/* One Leaflet map that stays mounted while indicator, year and level change.

The frame fetches outlines once per level; the page then only sends, by area code, the key of a
drawing and the words of its tooltip. `config`: bounds, outline (address), towns, fills, border,
chosen (colour), patterns, words. Texts only ever enter the page as text nodes.

A click selects an area or, where `chosen` is a list, adds it there or takes it away: drawn at
once, before the page answers. */
function diagnosticMap(map, config) {
  const INK = "#161616";
  const fetched = new Map();
  let current = { url: null, drawings: {}, texts: {}, selected: null, chosen: null, seen: 0 };
  // Never the number of a click on an earlier map: the page would take it for the same one.
  let clicks = Date.now();
  let lastClick = 0;
  let chosen = null;

  // The département fills the frame until the reader moves the map.
  let fitting = false;
  let moved = false;
  function fit() {
    if (moved) return;
    fitting = true;
    map.fitBounds(config.bounds, { padding: [8, 8], maxZoom: 13, animate: false });
    fitting = false;
  }
  fit();
  map.on("resize", fit);
  map.on("zoomstart dragstart", () => { moved = moved || !fitting; });
  // Leaflet takes the focus when the mouse goes down. A browser would then scroll the page to show
  // the whole map, the mouse would go up elsewhere, and the first click would be lost as a drag.
  const container = map.getContainer();
  container.focus = () => HTMLElement.prototype.focus.call(container, { preventScroll: true });
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", config.words.map);
  if (L.Browser.mobile) map.dragging.disable(); // one finger scrolls the page, two move the map
  L.control.zoom({ zoomInTitle: config.words.zoomIn, zoomOutTitle: config.words.zoomOut }).addTo(map);

  const paper = L.svg({ padding: 0.5 }).addTo(map);
  paper.getPane().querySelector("svg").insertAdjacentHTML("afterbegin", config.patterns);
  for (const [name, level] of [["lines", 450], ["names", 460]]) {
    Object.assign(map.createPane(name).style, { zIndex: level, pointerEvents: "none" });
  }
  const ink = L.svg({ pane: "lines", padding: 0.5 });
  const line = (weight, color) => ({
    pane: "lines", renderer: ink, interactive: false, fill: false, smoothFactor: 0, weight, color,
  });

  function element(tag, className, text) {
    const node = document.createElement(tag);
    node.className = className;
    node.textContent = text;
    return node;
  }

  const message = map.getContainer().appendChild(element("p", "map-message", ""));
  message.setAttribute("role", "status");

  async function outlines(url) {
    if (!fetched.has(url)) {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`${response.status} ${url}`);
      fetched.set(url, await response.json());
    }
    return fetched.get(url);
  }

  const codeOf = (layer) => layer.feature.properties.code;
  const drawingOf = (code) => current.drawings[code] || "absent";
  const styleOf = (feature) => ({
    color: config.border,
    weight: 0.6,
    fillColor: config.fills[drawingOf(feature.properties.code)],
    fillOpacity: 1,
  });

  const areas = L.geoJSON(null, {
    renderer: paper,
    smoothFactor: 0,
    style: styleOf,
    onEachFeature: (feature, layer) => {
      // What a click gives back to Python: the code, not the geometry. The counter makes a second
      // click on the same area news. All that is chosen goes along: of quick clicks, only the last
      // one may arrive.
      layer.toGeoJSON = () => ({
        type: "Feature", geometry: null,
        properties: {
          code: feature.properties.code, click: clicks, chosen: chosen && [...chosen],
        },
      });
    },
  }).addTo(map);

  areas.bindTooltip(
    (layer) => {
      const box = element("div", "map-tooltip", "");
      box.append(
        element("strong", "", layer.feature.properties.label),
        element("span", "", current.texts[codeOf(layer)] || config.words.noData),
      );
      return box;
    },
    { sticky: true, opacity: 1 },
  );
  // Outlines are drawn above all areas rather than by raising one, which would bury its neighbours.
  const hovered = L.layerGroup().addTo(map);
  areas.on("mouseover", (event) => L.geoJSON(event.layer.feature, line(2, INK)).addTo(hovered));
  areas.on("mouseout", () => hovered.clearLayers());
  areas.on("click", (event) => {
    lastClick = ++clicks;
    const code = codeOf(event.layer);
    if (!chosen) return select(code);
    if (!chosen.delete(code)) chosen.add(code);
    outline(chosen, config.chosen);
  });

  const selection = L.layerGroup().addTo(map);
  /* Outline the areas of some codes; return them. */
  function outline(codes, color) {
    selection.clearLayers();
    const found = areas.getLayers().filter((layer) => codes.has(codeOf(layer)));
    for (const [weight, ink] of [[6, "#ffffff"], [3, color]]) {
      for (const layer of found) L.geoJSON(layer.feature, line(weight, ink)).addTo(selection);
    }
    return found;
  }
  function select(code) {
    const [found] = outline(new Set([code]), INK);
    if (found && !map.getBounds().intersects(found.getBounds())) {
      map.panTo(found.getBounds().getCenter());
    }
  }
  /* Take the page's choice, unless it was made before the last click here. */
  function choose(update) {
    // Two quick clicks choose two areas; they do not zoom.
    map.doubleClickZoom[update.chosen ? "disable" : "enable"]();
    if (!update.chosen || !chosen || update.seen >= lastClick) {
      chosen = update.chosen && new Set(update.chosen);
    }
    if (chosen) outline(chosen, config.chosen);
    else select(update.selected);
  }

  /* Show a level: fetch its outlines if they are new, colour every area, outline the selected. */
  async function show(update) {
    current = update;
    message.textContent = "";
    try {
      const collection = await outlines(update.url);
      if (current !== update) return; // a newer choice came while this one was on its way
      if (areas.shown !== update.url) {
        areas.clearLayers();
        hovered.clearLayers();
        areas.shown = update.url;
        areas.addData(collection);
      } else {
        areas.setStyle(styleOf);
      }
      choose(update);
    } catch (error) {
      console.error(error);
      message.textContent = config.words.failed;
    }
    map.getContainer().dataset.shown = update.url;
  }

  outlines(config.outline)
    .then((collection) => L.geoJSON(collection, line(1.8, INK)).addTo(map))
    .catch((error) => {
      console.error(error);
      message.textContent = config.words.failed;
    });

  const names = config.towns.map(({ name, lon, lat }) => {
    const label = element("span", "map-town", name);
    const icon = L.divIcon({ className: "map-town-anchor", html: label, iconSize: [0, 0] });
    L.marker([lat, lon], { icon, pane: "names", interactive: false, keyboard: false }).addTo(map);
    return label;
  });
  /* First come, first named: a town whose name would cover an earlier one, or leave the map, is
  hidden with its dot. */
  function placeNames() {
    const frame = map.getContainer().getBoundingClientRect();
    const kept = [];
    for (const name of names) {
      for (const side of ["right", "left"]) {
        name.dataset.side = side;
        name.parentElement.hidden = false;
        const box = name.getBoundingClientRect();
        const free =
          box.left >= frame.left && box.right <= frame.right &&
          kept.every((other) => box.right < other.left || box.left > other.right ||
            box.bottom < other.top || box.top > other.bottom);
        name.parentElement.hidden = !free;
        if (free) {
          kept.push(box);
          break;
        }
      }
    }
  }
  map.on("zoomend moveend resize", placeNames);
  placeNames();

  return { show };
}
