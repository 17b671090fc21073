/* The guided start: proposes the browser's time zone, and shows the fields of someone new only where
   someone new is chosen. */
(() => {
  "use strict";

  const zone = document.querySelector("select[name='time_zone']");
  if (zone && !zone.value) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ([...zone.options].some((option) => option.value === here)) zone.value = here;
  }

  for (const question of document.querySelectorAll("[data-question]")) {
    const who = question.querySelector("select");
    const fields = question.querySelector("[data-new]");
    const show = () => {
      fields.hidden = who.value !== "new";
      // What is hidden is not sent; it is there again when someone new is chosen again.
      fields.disabled = fields.hidden;
      question.classList.toggle("start-question--no-one", who.value === "none");
    };
    who.addEventListener("change", show);
    show();
  }
})();
