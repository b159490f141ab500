/* The keys of a presentation: arrows, the page keys of a remote control, Home, End, and n.

`data`: `at` and `last`, from 1; `notes`, the selector of the button that shows the notes. What goes
back is the number of the slide wanted, not a step: keys pressed faster than slides are drawn end on
the right one. */
let listening = new AbortController();

export default function ({ data, setTriggerValue }) {
  let wanted = data.at;

  function onKey(event) {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
    if (typing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key.toLowerCase() === "n") {
      document.querySelector(data.notes)?.click();
      return;
    }
    const asked = {
      ArrowLeft: wanted - 1,
      PageUp: wanted - 1,
      ArrowRight: wanted + 1,
      PageDown: wanted + 1,
      Home: 1,
      End: data.last,
    }[event.key];
    if (asked === undefined) return;
    event.preventDefault();
    const slide = Math.min(Math.max(asked, 1), data.last);
    if (slide === wanted) return;
    wanted = slide;
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
