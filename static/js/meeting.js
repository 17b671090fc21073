/* Leads through the meeting: one number fills the screen, keys and buttons step on, clocks tick.
   Without it the page shows everything, one under the other. */
(() => {
  "use strict";

  const root = document.querySelector("[data-meeting]");
  const slides = [...document.querySelectorAll("[data-slide]")];
  const steps = document.querySelector("[data-steps]");
  const keys = document.querySelector("[data-keys]");
  let at = -1;

  const bar = () => document.getElementById("bar");
  const titleOf = (slide) => slide.querySelector("[tabindex='-1']");

  const show = (index, isMoved = true) => {
    const next = Math.max(0, Math.min(index, slides.length - 1));
    if (next === at) return;
    at = next;
    slides.forEach((slide, place) => { slide.hidden = place !== at; });
    const slide = slides[at];
    steps.querySelector("[data-step='-1']").disabled = at === 0;
    steps.querySelector("[data-step='1']").disabled = at === slides.length - 1;
    steps.querySelector("[data-at]").textContent = `${at + 1} of ${slides.length}`;
    history.replaceState(null, "", `#${slide.id}`);
    if (isMoved) {
      window.scrollTo(0, 0);
      titleOf(slide).focus({ preventScroll: true });
      turn();
    }
    document.dispatchEvent(new CustomEvent("meeting:slide"));
  };

  // The clock goes with whoever steps on: one turn at a time, and then where they are by now. There
  // is a button for the other parts only, and none for whoever may not run the meeting.
  let isTurning = false;

  const turn = () => {
    const button = bar().querySelector(`[data-turn="${slides[at].dataset.part}"]`);
    if (isTurning || !button) return;
    isTurning = true;
    button.click();
  };

  const placeOf = (id) => {
    const target = id && document.getElementById(id);
    return target ? slides.findIndex((slide) => slide.contains(target)) : -1;
  };

  /* A follow-up of what is shown, over the page. */

  const section = document.querySelector("[data-follow-up]");
  let dialog = null;

  const formOf = () => dialog?.querySelector("form");

  if (section) {
    dialog = document.createElement("dialog");
    dialog.className = "promise-dialog";
    dialog.setAttribute("aria-labelledby", "follow-up-title");
    dialog.append(...section.childNodes);
    section.replaceWith(dialog);
  }

  const promise = () => {
    if (!dialog || dialog.open) return;
    const form = formOf();
    if (!form.elements.text.value) {
      const { kpi = "", owner = "" } = slides[at].dataset;
      form.elements.kpi.value = kpi;
      const named = [...form.elements.owner.options].find((option) => option.text === owner);
      form.elements.owner.value = named ? named.value : "";
    }
    form.querySelector("[data-follow-up-cancel]").hidden = false;
    dialog.showModal();
    form.elements.text.focus();
  };

  document.addEventListener("meeting:sent", (event) => {
    const { form, isRefused } = event.detail;
    if (form.matches("#follow-up-form")) {
      if (isRefused) formOf().elements.text.focus();
      else dialog.close();
      formOf().querySelector("[data-follow-up-cancel]").hidden = false;
    }
    if (form.querySelector("[data-turn]")) {
      isTurning = false;
      turn();
    }
    if (form.matches("[data-start]")) show(slides.findIndex((slide) => slide.dataset.part === "numbers"));
  });

  document.addEventListener("meeting:settled", () => { isTurning = false; });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-step], [data-promise], [data-follow-up-cancel], [data-help]");
    if (!target) return;
    if (target.dataset.step) show(at + Number(target.dataset.step));
    else if (target.matches("[data-promise]")) {
      event.preventDefault();
      promise();
    } else if (target.matches("[data-help]")) keys.showModal();
    else dialog.close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const field = event.target.closest("input, textarea, select");
    if (field) {
      if (event.key === "Escape") titleOf(slides[at]).focus();
      return;
    }
    const act = {
      ArrowRight: () => show(at + 1),
      ArrowLeft: () => show(at - 1),
      f: promise,
      F: promise,
      "?": () => keys.showModal(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  /* Clocks: the server said how long it has been; the seconds since then are added here. */

  let since = performance.now();

  const tick = () => {
    const more = (performance.now() - since) / 1000;
    for (const clock of document.querySelectorAll("time[data-runs]")) {
      const seconds = Math.floor(Number(clock.dataset.clock) + more);
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
  };

  document.addEventListener("meeting:changed", () => {
    since = performance.now();
    tick();
  });

  root.classList.add("is-stepped");
  steps.hidden = false;
  const hash = location.hash.slice(1);
  const part = bar().dataset.part;
  const first = [placeOf(hash), slides.findIndex((slide) => part && slide.dataset.part === part), 0].find((place) => place >= 0);
  const refused = document.querySelector("[aria-invalid='true']");
  show(refused && placeOf(refused.id) >= 0 ? placeOf(refused.id) : first, false);
  window.addEventListener("hashchange", () => {
    const place = placeOf(location.hash.slice(1));
    if (place >= 0) show(place);
  });
  setInterval(tick, 1000);
})();
