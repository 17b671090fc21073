/* Light or dark: as the system says, until the reader chooses. Runs before the first paint. */
(() => {
  "use strict";

  const KEY = "theme";
  const root = document.documentElement;
  // For styles: what a script will show may stay hidden until it does.
  root.dataset.scripted = "";
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  const chosen = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // Storage may be forbidden: the choice then lasts for this page.
    }
  };

  const apply = (choice) => {
    const isDark = choice ? choice === "dark" : system.matches;
    root.dataset.bsTheme = isDark ? "dark" : "light";
    const button = document.querySelector("[data-theme-switch]");
    if (button) {
      button.hidden = false;
      button.textContent = isDark ? "Light colours" : "Dark colours";
    }
    document.dispatchEvent(new CustomEvent("themechange"));
  };

  apply(chosen());
  system.addEventListener("change", () => apply(chosen()));

  document.addEventListener("DOMContentLoaded", () => {
    apply(chosen());
    const button = document.querySelector("[data-theme-switch]");
    button?.addEventListener("click", () => {
      const choice = root.dataset.bsTheme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem(KEY, choice);
      } catch {
        // As above.
      }
      apply(choice);
    });
    // An open menu closes on Escape and on a click elsewhere, as menus do.
    const openMenus = () => document.querySelectorAll("details.menu[open]");
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      openMenus().forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    });
    document.addEventListener("click", (event) => {
      openMenus().forEach((menu) => {
        if (!menu.contains(event.target)) menu.open = false;
      });
    });
  });
})();
