/* Keeps the meeting's page true on every screen: sends its forms without leaving the page, looks
   every three seconds whether something has changed, saves notes as they are written. What could
   not be sent stays where it was typed, and on this device. */
(() => {
  "use strict";

  const LOOK_EVERY_MS = 3000;
  const WRITE_AFTER_MS = 700;

  const root = document.querySelector("[data-meeting]");
  const lost = document.querySelector("[data-lost]");
  const page = location.pathname;

  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`meeting:${name}`, { detail }));

  const say = (sentence) => {
    if (lost.textContent !== sentence) lost.textContent = sentence;
    lost.hidden = !sentence;
  };

  const time = () => new Date().toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });

  /* The page as the server has it now, put in place where it differs from what it said before. */

  const plain = (element) =>
    element.outerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "");
  const regions = (owner) => [...owner.querySelectorAll("[data-live]")];
  const known = new Map(regions(document).map((region) => [region.id, plain(region)]));

  const isDirty = (region) =>
    [...region.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => field.value !== field.defaultValue);

  const isTyping = (region) =>
    region.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");

  const focusAgain = (region, was) => {
    const same = was.name && region.querySelector(`[name="${was.name}"][value="${CSS.escape(was.value)}"]`);
    (same || region.querySelector("button, a, input") || region).focus();
  };

  const put = (fresh, isForced) => {
    const here = document.getElementById(fresh.id);
    const text = plain(fresh);
    if (!here || (known.get(fresh.id) === text && !isForced)) return;
    if (!isForced && (isTyping(here) || isDirty(here))) return;
    const was = here.contains(document.activeElement) ? document.activeElement : null;
    const isOpen = here.open;
    here.replaceWith(fresh);
    if (isOpen !== undefined) fresh.open = isOpen;
    known.set(fresh.id, text);
    if (was) focusAgain(fresh, was);
  };

  // The page as it was asked for before something was sent is old by now: it is not shown.
  let sent = 0;

  const apply = (html, forced = "") => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    if (!fresh.querySelector("[data-meeting]")) {
      location.reload();
      return;
    }
    for (const region of regions(fresh)) put(document.importNode(region, true), region.id === forced);
    for (const form of fresh.querySelectorAll("form[data-note]")) takeNote(form);
    document.getElementById("meeting-data").textContent = fresh.getElementById("meeting-data").textContent;
    tell("changed");
  };

  const refresh = async () => {
    const before = sent;
    const response = await fetch(page, { headers: { Accept: "text/html" } });
    const html = await response.text();
    if (before === sent) apply(html);
  };

  const stamp = () => document.getElementById("bar").dataset.stamp;

  const look = async () => {
    if (document.hidden) return;
    try {
      const response = await fetch(root.dataset.state, { cache: "no-cache", headers: { Accept: "application/json" } });
      if (response.redirected || response.status === 404) {
        location.reload();
        return;
      }
      if (!response.ok) return;
      const state = await response.json();
      if (!lost.hidden) say("");
      for (const form of document.querySelectorAll("form[data-note]")) if (isUnsaved(form)) write(form);
      if (state.stamp !== stamp()) await refresh();
    } catch {
      if (lost.hidden) say(`No connection since ${time()}. What you write stays on this device and is saved when it is back.`);
    }
  };

  /* Forms: sent from where they stand. */

  const send = async (form, button) => {
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    sent += 1;
    const body = new FormData(form);
    if (button?.name) body.append(button.name, button.value);
    try {
      const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
      const html = await response.text();
      if (response.status === 503) {
        say("This is not saved: the server is busy or cannot save right now. It is still here; press the button again.");
        return;
      }
      if (!response.ok) {
        say("The server refused this. Load the page again; what you typed is still here to copy.");
        return;
      }
      say("");
      const region = form.closest("[data-live]");
      sent += 1;
      apply(html, region?.id);
      tell("sent", { form, isRefused: Boolean(form.matches("#follow-up-form") && /data-refused/.test(html)) });
    } catch {
      say("No connection: this was not saved. It is still here; press the button again.");
    } finally {
      delete form.dataset.sending;
      tell("settled");
    }
  };

  /* Notes: written down a moment after the last key, in their order. */

  const draftOf = (form) => `note ${page} ${form.dataset.note}`;
  const stored = new WeakMap();
  const timers = new WeakMap();
  const isUnsaved = (form) => form.elements.text.value.trim() !== stored.get(form);
  const stateOf = (form) => form.querySelector("[data-note-state]");
  const note = (form, sentence) => { stateOf(form).textContent = sentence; };

  const keepDraft = (form) => {
    try {
      localStorage.setItem(draftOf(form), JSON.stringify({ text: form.elements.text.value, version: form.elements.version.value }));
    } catch { /* A full or forbidden store: the field itself still holds it. */ }
  };

  const settle = (form, answer) => {
    form.elements.version.value = answer.version;
    stored.set(form, answer.text.trim());
    if (isUnsaved(form)) {
      keepDraft(form);
      return;
    }
    try { localStorage.removeItem(draftOf(form)); } catch { /* as above */ }
  };

  const clash = (form, theirs) => {
    const box = form.querySelector("[data-note-clash]");
    const head = document.createElement("p");
    head.textContent = "Someone else changed this note in the meantime. Yours is not saved. Theirs:";
    const text = document.createElement("blockquote");
    text.textContent = theirs.text || "(emptied)";
    const choose = (words, act) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-outline-primary";
      button.textContent = words;
      button.addEventListener("click", () => {
        box.hidden = true;
        box.replaceChildren();
        delete form.dataset.clash;
        form.elements.version.value = theirs.version;
        stored.set(form, theirs.text.trim());
        act();
      });
      return button;
    };
    const keep = choose("Keep mine", () => write(form));
    const take = choose("Take theirs", () => {
      form.elements.text.value = theirs.text;
      settle(form, theirs);
      note(form, "Theirs is kept.");
    });
    box.replaceChildren(head, text, keep, take);
    box.hidden = false;
    form.dataset.clash = "yes";
    note(form, "");
  };

  const write = async (form) => {
    clearTimeout(timers.get(form));
    if (form.dataset.clash || form.dataset.sending || !isUnsaved(form)) return;
    form.dataset.sending = "yes";
    note(form, "Saving…");
    try {
      const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, keepalive: true });
      if (response.status === 409) clash(form, await response.json());
      else if (response.status === 422) note(form, (await response.json()).refusal);
      else if (response.status === 503) note(form, "Not saved yet: the server is busy or cannot save right now. Stored on this device, and sent again automatically.");
      else if (response.ok && !response.redirected) {
        settle(form, await response.json());
        note(form, "Saved.");
      } else note(form, "Not saved: load the page again. Your text is stored on this device.");
    } catch {
      note(form, "Not saved: no connection. Stored on this device, and saved when it is back.");
      return;
    } finally {
      delete form.dataset.sending;
    }
    if (isUnsaved(form) && !form.dataset.clash && stateOf(form).textContent === "Saved.") write(form);
  };

  const takeNote = (fresh) => {
    const form = document.querySelector(`form[data-note="${fresh.dataset.note}"]`);
    if (!form || form.dataset.sending || form.elements.version.value === fresh.elements.version.value || isUnsaved(form)) return;
    form.elements.text.value = fresh.elements.text.value;
    settle(form, { text: fresh.elements.text.value, version: fresh.elements.version.value });
    note(form, stateOf(fresh).textContent);
  };

  const recall = (form) => {
    let draft = null;
    try { draft = JSON.parse(localStorage.getItem(draftOf(form))); } catch { /* nothing kept */ }
    if (!draft || draft.text.trim() === stored.get(form)) return;
    form.elements.text.value = draft.text;
    form.elements.version.value = draft.version;
    note(form, "Found on this device, not saved yet.");
    write(form);
  };

  for (const form of document.querySelectorAll("form[data-note]")) {
    stored.set(form, form.elements.text.value.trim());
    form.querySelector("[data-note-save]").hidden = true;
    form.elements.text.addEventListener("input", () => {
      keepDraft(form);
      note(form, "Not saved yet.");
      clearTimeout(timers.get(form));
      timers.set(form, setTimeout(() => write(form), WRITE_AFTER_MS));
    });
    form.elements.text.addEventListener("change", () => write(form));
    recall(form);
  }

  const closeAfterNotes = async (form) => {
    const notes = [...document.querySelectorAll("form[data-note]")].filter(isUnsaved);
    await Promise.all(notes.map(write));
    if (notes.some(isUnsaved)) say("A note is not saved yet. Save it, or choose which to keep; then close the meeting.");
    else form.submit();
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-send]")) {
      event.preventDefault();
      send(form, event.submitter);
    } else if (form.matches("[data-note]")) {
      event.preventDefault();
      write(form);
    } else if (form.matches("[data-close]") && !form.dataset.sending) {
      event.preventDefault();
      closeAfterNotes(form);
    }
  });

  setInterval(look, LOOK_EVERY_MS);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
})();
