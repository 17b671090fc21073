/* The entry page with a little help: the button says what it saves, and sends once. */
(() => {
  "use strict";

  const label = (button, input) => {
    const plain = button.textContent;
    const digits = /^\s*(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})\s*$/;
    const say = () => {
      const typed = digits.exec(input.value);
      const count = typed && Number(typed[1].replaceAll(",", ""));
      if (typed === null) button.textContent = plain;
      else if (count === 1) button.textContent = "Save 1";
      else button.textContent = `Save ${count.toLocaleString("en-US")} ${button.dataset.noun}`;
    };
    input.addEventListener("input", say);
    if (input.value !== input.defaultValue || input.matches("[aria-invalid]")) say();
  };

  const sendOnce = (form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
    // Back from the next page, the browser may show this one as it was left.
    window.addEventListener("pageshow", () => delete form.dataset.sent);
  };

  for (const form of document.querySelectorAll("form[data-entry]")) {
    sendOnce(form);
    const button = form.querySelector("button[data-noun]");
    if (button && button.dataset.noun) label(button, form.elements.value);
  }
})();
