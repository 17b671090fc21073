/* Draws what the server counted: the funnel and the trend. It says how they look, never what the
   numbers are; texts come from the page's data and tables. */
(() => {
  "use strict";

  const TONES = 15;
  const LAST_TONE = 3;
  const POINTS = ["circle", "rect", "triangle", "rectRot", "star", "cross", "crossRot", "rectRounded"];
  const MANY = 30; // weeks: from here on smaller points, so that lines stay lines
  const TARGET_DASH = [2, 4];
  const RUNNING_DASH = [6, 5];

  const read = (id) => {
    const element = document.getElementById(id);
    return element ? JSON.parse(element.textContent) : null;
  };

  const style = () => getComputedStyle(document.documentElement);
  const colour = (name) => style().getPropertyValue(`--${name}`).trim();
  const px = () => parseFloat(getComputedStyle(document.body).fontSize);

  // The last stage keeps its own colour when others are added between, as in the templates.
  const tone = (index, count) => {
    const place = index + 1;
    if (place === count && place > 1) return LAST_TONE;
    const number = place < LAST_TONE ? place : place + 1;
    return ((number - 1) % TONES) + 1;
  };

  const stageColours = (count) =>
    Array.from({ length: count }, (_, index) => colour(`stage-${tone(index, count)}`));

  const fade = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, "0");

  const base = () => ({
    animation: false,
    maintainAspectRatio: false,
    events: [],
    plugins: { legend: { display: false }, tooltip: { enabled: false } },
  });

  /* The funnel: centred bars, joined by their slopes, the numbers inside. */

  const STAGE_HEIGHT = 4.25; // in text sizes: a bar with its number and the rate below it
  const NARROW = 0.012; // of the widest: what a 0 or a missing number still shows

  const funnelDrawing = (data) => ({
    id: "funnelDrawing",
    beforeDatasetsDraw(chart) {
      const { ctx } = chart;
      const bars = chart.getDatasetMeta(0).data;
      const tints = stageColours(bars.length);
      bars.forEach((bar, index) => {
        const next = bars[index + 1];
        if (!next || data.stages[index].value === null || data.stages[index + 1].value === null) return;
        const [top, bottom] = [bar.y + bar.height / 2, next.y - next.height / 2];
        const slope = ctx.createLinearGradient(0, top, 0, bottom);
        slope.addColorStop(0, fade(tints[index], 0.28));
        slope.addColorStop(1, fade(tints[index + 1], 0.28));
        ctx.save();
        ctx.fillStyle = slope;
        ctx.beginPath();
        ctx.moveTo(Math.min(bar.base, bar.x), top);
        ctx.lineTo(Math.max(bar.base, bar.x), top);
        ctx.lineTo(Math.max(next.base, next.x), bottom);
        ctx.lineTo(Math.min(next.base, next.x), bottom);
        ctx.fill();
        ctx.restore();
      });
    },
    afterDatasetsDraw(chart) {
      const { ctx, chartArea } = chart;
      const bars = chart.getDatasetMeta(0).data;
      const size = px();
      const tints = stageColours(bars.length);
      const middle = (chartArea.left + chartArea.right) / 2;
      ctx.save();
      ctx.textBaseline = "middle";
      bars.forEach((bar, index) => {
        const stage = data.stages[index];
        const width = Math.abs(bar.x - bar.base);
        const isMissing = stage.value === null;
        if (isMissing) {
          const half = Math.min(middle - chartArea.left, size * 8);
          ctx.strokeStyle = tints[index];
          ctx.lineWidth = 2;
          ctx.setLineDash([5, 5]);
          ctx.strokeRect(middle - half, bar.y - bar.height / 2 + 1, half * 2, bar.height - 2);
          ctx.setLineDash([]);
        }
        const large = Math.min(size * 1.5, bar.height * 0.6);
        const sans = style().getPropertyValue("--sans");
        const fits = (text, room) => ctx.measureText(text).width + size < room;
        const write = (text, x, align, fill) => {
          ctx.textAlign = align;
          ctx.fillStyle = fill;
          ctx.fillText(text, x, bar.y);
        };
        const right = Math.max(bar.x, bar.base) + size / 2;
        const room = chartArea.right - right + size;
        ctx.font = `600 ${isMissing ? size : large}px ${sans}`;
        if (isMissing) {
          write(`${stage.name}: missing`, middle, "center", tints[index]);
        } else if (fits(`${stage.text} ${stage.name}`, width)) {
          write(`${stage.text} ${stage.name}`, middle, "center", colour("on-stage"));
        } else if (fits(stage.text, width)) {
          write(stage.text, middle, "center", colour("on-stage"));
          ctx.font = `600 ${size}px ${sans}`;
          if (fits(stage.name, room)) write(stage.name, right, "left", tints[index]);
        } else {
          const both = `${stage.text} ${stage.name}`;
          write(fits(both, room) ? both : stage.text, right, "left", tints[index]);
        }
        if (!stage.step || index === 0) return;
        const above = bars[index - 1];
        const gap = bar.y - bar.height / 2 - (above.y + above.height / 2);
        if (gap < size) return;
        ctx.font = `${size * 0.875}px ${sans}`;
        ctx.textAlign = "center";
        ctx.fillStyle = colour("ink");
        ctx.fillText(stage.step, middle, (above.y + above.height / 2 + bar.y - bar.height / 2) / 2);
      });
      ctx.restore();
    },
  });

  const funnel = (canvas, data) => {
    const widest = Math.max(1, ...data.stages.map((stage) => stage.value ?? 0));
    const half = (stage) => Math.max(stage.value ?? 0, widest * NARROW) / 2;
    const tints = stageColours(data.stages.length);
    canvas.parentElement.style.minHeight = `${data.stages.length * STAGE_HEIGHT * px()}px`;
    return new Chart(canvas, {
      type: "bar",
      data: {
        labels: data.stages.map((stage) => stage.name),
        datasets: [{
          data: data.stages.map((stage) => (stage.value === null ? [0, 0] : [-half(stage), half(stage)])),
          backgroundColor: tints,
          borderRadius: 3,
          borderSkipped: false,
          barPercentage: 1,
          categoryPercentage: 0.58,
        }],
      },
      options: {
        ...base(),
        indexAxis: "y",
        scales: {
          x: { display: false, min: -widest / 2, max: widest / 2 },
          y: { display: false },
        },
      },
      plugins: [funnelDrawing(data)],
    });
  };

  /* The trend: a line a stage with its own point, targets as steps, missing weeks left open. */

  // The words of the table under the chart: the same numbers, formatted once, by the server.
  const cells = (weeks) => {
    const rows = [...document.querySelectorAll("#trend-table tbody tr")].reverse();
    if (rows.length !== weeks.length) return null;
    return rows.map((row) => [...row.children].map((cell) =>
      cell.firstElementChild?.textContent ? "missing" : cell.textContent));
  };

  const lineOf = (series, index, tint, running) => ({
    label: series.name,
    data: series.values,
    borderColor: tint,
    backgroundColor: tint,
    borderWidth: 2.5,
    spanGaps: false,
    pointStyle: POINTS[index % POINTS.length],
    pointRadius: series.values.map((_, week, all) => (week === running ? 5 : all.length > MANY ? 2 : 3.5)),
    pointHoverRadius: 6,
    pointBackgroundColor: series.values.map((_, week) => (week === running ? colour("paper") : tint)),
    pointBorderColor: tint,
    pointBorderWidth: 1.5,
    segment: { borderDash: (part) => (part.p1DataIndex === running ? RUNNING_DASH : undefined) },
  });

  const targetOf = (series, tint) => ({
    label: `${series.name} target`,
    data: series.targets,
    borderColor: fade(tint, 0.75),
    borderWidth: 1.5,
    borderDash: TARGET_DASH,
    stepped: "middle",
    spanGaps: false,
    pointRadius: 0,
    pointHoverRadius: 0,
  });

  const trend = (canvas, data) => {
    const tints = stageColours(data.series.length);
    const words = cells(data.weeks);
    const size = px();
    const font = { family: style().getPropertyValue("--sans"), size: Math.max(12, size * 0.8) };
    const quiet = colour("quiet");
    const tip = {
      enabled: true,
      filter: (item) => item.datasetIndex < data.series.length,
      backgroundColor: colour("ink"),
      titleColor: colour("paper"),
      bodyColor: colour("paper"),
      titleFont: font,
      bodyFont: font,
      padding: 10,
      usePointStyle: true,
      callbacks: {
        title: ([item]) => (item && words ? words[item.dataIndex][0] : item?.label),
        label: ({ dataset, dataIndex, datasetIndex, raw }) => {
          const row = words?.[dataIndex];
          const [value, target] = row ? row.slice(1 + 2 * datasetIndex) : [raw, "–"];
          return `${dataset.label}: ${value}${target === "–" ? "" : `, target ${target}`}`;
        },
      },
    };
    return new Chart(canvas, {
      type: "line",
      data: {
        labels: data.weeks,
        datasets: [
          ...data.series.map((series, index) => lineOf(series, index, tints[index], data.running)),
          ...data.series.map((series, index) => targetOf(series, tints[index])),
        ],
      },
      options: {
        ...base(),
        events: ["mousemove", "mouseout", "click", "touchstart", "touchmove"],
        interaction: { mode: "index", intersect: false },
        plugins: {
          legend: {
            position: "top",
            align: "start",
            onClick: null,
            labels: {
              color: colour("ink"),
              font,
              usePointStyle: true,
              boxHeight: 7,
              filter: (item) => item.datasetIndex < data.series.length,
            },
          },
          tooltip: tip,
        },
        scales: {
          x: { grid: { display: false }, border: { color: colour("line") }, ticks: { color: quiet, font, maxRotation: 0, autoSkipPadding: 16 } },
          y: { beginAtZero: true, border: { display: false }, grid: { color: colour("line") }, ticks: { color: quiet, font, precision: 0, maxTicksLimit: 6 } },
        },
      },
    });
  };

  const drawings = [
    ["funnel-chart", "funnel-data", funnel],
    ["trend-chart", "trend-data", trend],
  ];
  let drawn = [];

  const draw = () => {
    drawn.forEach((chart) => chart.destroy());
    drawn = [];
    for (const [canvasId, dataId, make] of drawings) {
      const canvas = document.getElementById(canvasId);
      const data = read(dataId);
      if (canvas && data) drawn.push(make(canvas, data));
    }
  };

  draw();
  document.addEventListener("themechange", draw);
  document.addEventListener("boardchange", draw);
  // Paper is light, whatever the screen is.
  window.matchMedia("print").addEventListener("change", draw);
})();
