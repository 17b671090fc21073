/* The screen on the wall: asks every minute for what has changed, and puts it in place. */
(() => {
  "use strict";

  const EVERY_MS = 60_000;
  const PATIENCE_MS = 20_000;
  const wall = document.getElementById("wall");
  const note = document.getElementById("note");
  const clock = new Intl.DateTimeFormat("en-US", { timeStyle: "short", timeZone: wall.dataset.zone });
  const parts = (root) => [...root.querySelectorAll("[data-part]")];
  // As it came: what is drawn into it since is no change.
  const told = new Map(parts(document).map((part) => [part.id, part.innerHTML]));
  let etag = null;
  let refreshed = new Date();
  let isOutdated = false;
  let next;

  const say = (words) => {
    if (note.textContent !== words) note.textContent = words;
  };

  const files = (page) => [...page.querySelectorAll("script[src], link[rel=stylesheet]")]
    .map((file) => file.getAttribute("src") ?? file.getAttribute("href")).join();

  const put = (page) => {
    let isChanged = false;
    for (const view of document.querySelectorAll(".view")) {
      view.hidden = page.getElementById(view.id).hidden;
    }
    for (const part of parts(document)) {
      const fresh = page.getElementById(part.id);
      const html = fresh.innerHTML;
      if (html === told.get(part.id)) continue;
      told.set(part.id, html);
      part.replaceChildren(...fresh.childNodes);
      isChanged = true;
    }
    document.body.className = page.body.className;
    document.title = page.title;
    if (isChanged) document.dispatchEvent(new CustomEvent("boardchange"));
  };

  // The page's own files were replaced: it has to be loaded, but that would end the full screen.
  const renew = () => {
    isOutdated = true;
    clearTimeout(next);
    if (document.fullscreenElement) say(note.dataset.newer);
    else location.reload();
  };

  const take = async (answer) => {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("wall")) throw new Error("Another page answered.");
    if (files(page) !== files(document)) return renew();
    put(page);
    etag = answer.headers.get("ETag");
  };

  // Revoked or expired: what is shown is shown no longer.
  const end = () => {
    clearTimeout(next);
    wall.remove();
    document.getElementById("gone").hidden = false;
    document.title = document.querySelector("#gone h1").textContent;
  };

  const ask = async () => {
    next = setTimeout(ask, EVERY_MS);
    const patience = new AbortController();
    const limit = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      const answer = await fetch(location.pathname, {
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        headers: etag ? { "If-None-Match": etag } : {},
        signal: patience.signal,
      });
      if (answer.status === 404) return end();
      if (answer.status === 200) await take(answer);
      else if (answer.status !== 304) throw new Error(`Answered ${answer.status}.`);
      if (isOutdated) return;
      refreshed = new Date();
      say("");
    } catch {
      say(`${note.dataset.stale} ${clock.format(refreshed)}`);
    } finally {
      clearTimeout(limit);
    }
  };

  document.addEventListener("fullscreenchange", () => {
    if (isOutdated && !document.fullscreenElement) location.reload();
  });
  next = setTimeout(ask, EVERY_MS);
})();
