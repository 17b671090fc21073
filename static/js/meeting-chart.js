/* Draws the trend of the KPI that is shown; the numbers are the server's, and in the table below. */
(() => {
  "use strict";

  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  let drawn = null;

  const draw = () => {
    drawn?.destroy();
    drawn = null;
    const data = JSON.parse(document.getElementById("meeting-data").textContent);
    const canvas = [...document.querySelectorAll("canvas[data-trend]")]
      .find((one) => one.offsetParent !== null);
    const series = canvas && data[canvas.dataset.trend];
    if (!series) return;
    const font = {
      family: getComputedStyle(document.documentElement).getPropertyValue("--sans"),
      size: Math.max(12, parseFloat(getComputedStyle(document.body).fontSize) * 0.8),
    };
    const last = series.values.length - 1;
    drawn = new Chart(canvas, {
      type: "line",
      data: {
        labels: series.weeks,
        datasets: [
          {
            data: series.values,
            borderColor: colour("accent"),
            backgroundColor: colour("accent"),
            borderWidth: 3,
            spanGaps: false,
            pointRadius: series.values.map((_, week) => (week === last ? 7 : 3.5)),
          },
          {
            data: series.values.map(() => series.target),
            borderColor: colour("quiet"),
            borderWidth: 1.5,
            borderDash: [2, 4],
            pointRadius: 0,
          },
        ],
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        events: [],
        plugins: { legend: { display: false }, tooltip: { enabled: false } },
        scales: {
          x: { grid: { display: false }, border: { color: colour("line") }, ticks: { color: colour("quiet"), font, maxRotation: 0, autoSkipPadding: 16 } },
          y: { beginAtZero: true, border: { display: false }, grid: { color: colour("line") }, ticks: { color: colour("quiet"), font, maxTicksLimit: 5 } },
        },
      },
    });
  };

  for (const event of ["meeting:slide", "meeting:changed", "themechange"]) document.addEventListener(event, draw);
  window.matchMedia("print").addEventListener("change", draw);
})();
