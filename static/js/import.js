/* The import with its progress in sight: the answer tells each step as it is taken. Without this
   script the page waits and shows what came of it. */
(() => {
  "use strict";

  const STEPS = "application/x-ndjson";

  // What a form shows while it is at work; a second click does nothing.
  const begin = (form) => {
    form.dataset.sent = "yes";
    form.querySelector("[data-progress]").hidden = false;
  };

  const stop = (form, words) => {
    delete form.dataset.sent;
    form.querySelector("progress").hidden = true;
    form.querySelector("[data-progress-words]").textContent = words;
  };

  const tell = (form, step) => {
    const bar = form.querySelector("progress");
    bar.max = step.of;
    bar.value = step.done;
    const [done, all] = [step.done, step.of].map((n) => n.toLocaleString("en-US"));
    form.querySelector("[data-progress-words]").textContent = `${done} of ${all} numbers`;
  };

  const follow = async (form) => {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: STEPS },
    });
    if (!answer.ok || !answer.headers.get("Content-Type").startsWith(STEPS)) {
      form.submit(); // A form to be mended, or someone signed out: the page itself says it best.
      return;
    }
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const step = JSON.parse(line);
        if (step.next) location.assign(step.next);
        else if (step.refusal) stop(form, step.refusal);
        else tell(form, step);
      }
    }
  };

  for (const form of document.querySelectorAll("form[data-steps]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.dataset.sent) return;
      begin(form);
      follow(form).catch(() => stop(form, "The connection was lost. Open this page again."));
    });
  }

  for (const form of document.querySelectorAll("form[data-sending]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      begin(form);
    });
    // Back from the next page, the browser may show this one as it was left.
    window.addEventListener("pageshow", () => {
      delete form.dataset.sent;
      form.querySelector("[data-progress]").hidden = true;
    });
  }
})();
