/* The keys of a presentation: arrows, the page keys of a remote control, Home, End, and n.

`data`: `at` and `last`, from 1; `param`, the parameter of the address that holds the number of the
slide; `notes`, the selector of the button that shows the notes. What goes back is the number of the
slide wanted, not a step: keys pressed faster than slides are drawn end on the right one. */
let listening = new AbortController();
let asked = []; // Numbers sent that are not shown yet, after the one that was shown.

export default function ({ data, setTriggerValue }) {
  if (!asked.includes(data.at) || asked.at(-1) === data.at) asked = [];

  /* The slide that the speaker is at: the last one asked for, or where a click or the browser's
     back button has led since, which the address knows before it is drawn. */
  function here() {
    const found = Number(new URLSearchParams(location.search).get(data.param));
    const address = Number.isInteger(found) && found >= 1 && found <= data.last ? found : data.at;
    return asked.includes(address) ? asked.at(-1) : address;
  }

  function onKey(event) {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
    if (typing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key.toLowerCase() === "n") {
      document.querySelector(data.notes)?.click();
      return;
    }
    const from = here();
    const to = {
      ArrowLeft: from - 1,
      PageUp: from - 1,
      ArrowRight: from + 1,
      PageDown: from + 1,
      Home: 1,
      End: data.last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const slide = Math.min(Math.max(to, 1), data.last);
    if (slide === from) return;
    asked = asked.includes(from) ? [...asked, slide] : [from, slide];
    setTriggerValue("slide", slide);
  }

  // A click on the map gives its frame the keyboard: take it back.
  function onBlur() {
    setTimeout(() => {
      if (document.activeElement instanceof HTMLIFrameElement) document.activeElement.blur();
    });
  }

  listening.abort();
  const mine = new AbortController();
  listening = mine;
  window.addEventListener("keydown", onKey, { signal: mine.signal });
  window.addEventListener("blur", onBlur, { signal: mine.signal });
  return () => mine.abort();
}
