/* Views that take turns on a screen: one after another, until someone pauses them. */
(() => {
  "use strict";

  const TURN_MS = 20_000;
  const keys = document.getElementById("keys");
  const names = keys.querySelector("[role=group]");
  const pause = document.getElementById("pause");
  const full = document.getElementById("full-screen");
  const views = [...document.querySelectorAll(".view")];
  let shown = views[0];
  let turning;

  const swapWords = (button) => {
    [button.textContent, button.dataset.other] = [button.dataset.other, button.textContent];
  };

  const present = () => views.filter((view) => !view.hidden);

  const buttons = new Map(views.map((view) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-quiet";
    button.textContent = view.dataset.name;
    button.addEventListener("click", () => show(view));
    names.append(button);
    return [view, button];
  }));

  const show = (view) => {
    if (view !== shown) view.classList.add("is-arriving");
    shown = view;
    for (const one of views) {
      one.classList.toggle("is-shown", one === view);
      if (one !== view) one.classList.remove("is-arriving");
      buttons.get(one).setAttribute("aria-pressed", one === view);
    }
    if (turning) start();
  };

  // A view may come and go with its numbers: `step` is 1, -1, or 0 to stay where one can.
  const move = (step) => {
    const there = present();
    if (!there.length) return;
    const at = there.indexOf(shown);
    show(there[at < 0 ? 0 : (at + step + there.length) % there.length]);
  };

  const start = () => {
    clearTimeout(turning);
    turning = setTimeout(() => move(1), TURN_MS);
  };

  const togglePause = () => {
    clearTimeout(turning);
    turning = turning ? null : setTimeout(() => move(1), TURN_MS);
    swapWords(pause);
  };

  const settle = () => {
    for (const [view, button] of buttons) button.hidden = view.hidden;
    names.hidden = pause.hidden = present().length < 2;
    move(0);
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || keys.hidden) return;
    const on = event.target;
    if (event.key === " " && !on.closest("button, .table-wrap")) togglePause();
    else if (event.key === "ArrowRight" && !on.closest(".table-wrap")) move(1);
    else if (event.key === "ArrowLeft" && !on.closest(".table-wrap")) move(-1);
    else return;
    event.preventDefault();
  });

  pause.addEventListener("click", togglePause);
  full.hidden = !document.fullscreenEnabled;
  full.addEventListener("click", () => {
    // A browser may refuse; the page then stays as it is.
    const asked = document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen();
    asked.catch(() => {});
  });
  document.addEventListener("fullscreenchange", () => swapWords(full));
  document.addEventListener("boardchange", settle);

  keys.hidden = false;
  start();
  settle();
})();
