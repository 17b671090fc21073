/* The scorecard by keyboard: one cell at a time has the focus, arrow keys move it, Enter opens. */
(() => {
  "use strict";

  const PAGE = 5;
  const table = document.querySelector("table[data-grid]");
  if (!table) return;

  // Of a cell with one link, the link; headings over rows are passed over.
  const stopOf = (cell) => cell.querySelector("a") || cell;
  const rows = [...table.rows]
    .filter((row) => row.cells.length > 1)
    .map((row) => [...row.cells].map(stopOf));
  const at = (stop) => {
    const y = rows.findIndex((row) => row.includes(stop));
    return y < 0 ? null : [y, rows[y].indexOf(stop)];
  };

  let current = rows.length > 1 ? rows[1][0] : rows[0][0];
  table.setAttribute("role", "grid");
  for (const row of rows) for (const stop of row) stop.tabIndex = -1;
  current.tabIndex = 0;

  const take = (stop) => {
    current.tabIndex = -1;
    current = stop;
    current.tabIndex = 0;
  };

  const steps = {
    ArrowRight: (y, x) => [y, x + 1],
    ArrowLeft: (y, x) => [y, x - 1],
    ArrowDown: (y, x) => [y + 1, x],
    ArrowUp: (y, x) => [y - 1, x],
    Home: (y, x, all) => [all ? 0 : y, 0],
    End: (y, x, all) => [all ? rows.length - 1 : y, Infinity],
    PageDown: (y, x) => [y + PAGE, x],
    PageUp: (y, x) => [y - PAGE, x],
  };
  const held = (n, length) => Math.max(0, Math.min(n, length - 1));

  table.addEventListener("keydown", (event) => {
    const from = at(document.activeElement);
    const step = steps[event.key];
    if (!from || !step || event.altKey || event.metaKey || event.shiftKey) return;
    const [y, x] = step(...from, event.ctrlKey);
    const row = rows[held(y, rows.length)];
    event.preventDefault();
    take(row[held(x, row.length)]);
    current.focus({ preventScroll: true });
    // The whole cell, and not under the first column (scroll-padding).
    current.closest("td, th").scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  // A click or a finger moves it too.
  table.addEventListener("focusin", (event) => {
    if (at(event.target)) take(event.target);
  });

  for (const hint of document.querySelectorAll("[data-grid-keys]")) hint.hidden = false;
})();
