/* Draws one number over time as the server calculated it: the values with each week's usual range
   behind them, signs, targets and marks; and, on request, how far it moved from week to week. */
(() => {
  "use strict";

  const MANY = 60; // weeks: from here on points without a sign are small, so that lines stay lines
  const RUNNING_DASH = [6, 5];
  const TARGET_DASH = [2, 4];
  const SIGN_SIZE = 6;
  const UPSIDE_DOWN = 180;

  const element = document.getElementById("history-data");
  const data = element && JSON.parse(element.textContent);
  if (!data) return;

  const style = () => getComputedStyle(document.documentElement);
  const colour = (name) => style().getPropertyValue(`--${name}`).trim();
  const px = () => parseFloat(getComputedStyle(document.body).fontSize);
  const fontOf = () => ({ family: style().getPropertyValue("--sans"), size: Math.max(12, px() * 0.8) });
  const known = (values) => values.filter((value) => value !== null);

  // What few weeks have comes as a list of their places.
  const [fixed, short, fired, above, below] =
    [data.fixed, data.short, data.fired, data.signs.above, data.signs.below].map((places) => new Set(places));

  // The words of the table under the chart: the same numbers, formatted once, by the server.
  const words = (() => {
    const rows = [...document.querySelectorAll("#history-table tbody tr")].reverse();
    return rows.map((row) => [...row.children].map((cell) =>
      cell.firstElementChild ? "missing" : cell.textContent));
  })();

  /* Behind the values: the band between the limits of each week, and its mean, in steps. Limits that
     move with the weeks are open lines, those of a set baseline closed ones. */

  const edges = (chart, week) => {
    const { x } = chart.scales;
    const half = (x.getPixelForValue(1) - x.getPixelForValue(0) || x.width) / 2;
    return [x.getPixelForValue(week) - half, x.getPixelForValue(week) + half];
  };

  // The weeks with limits, in stretches that have no week without between and one kind of line.
  const stretches = (() => {
    const found = [];
    data.mean.forEach((mean, week) => {
      if (mean === null) return;
      const last = found.at(-1);
      if (last && last.at(-1) === week - 1 && fixed.has(last[0]) === fixed.has(week)) last.push(week);
      else found.push([week]);
    });
    return found;
  })();

  const steps = (chart, weeks, values) => {
    const { ctx, scales: { y } } = chart;
    ctx.beginPath();
    weeks.forEach((week, place) => {
      const [left, right] = edges(chart, week);
      const at = y.getPixelForValue(values[week]);
      if (place) ctx.lineTo(left, at);
      else ctx.moveTo(left, at);
      ctx.lineTo(right, at);
    });
    ctx.stroke();
  };

  const band = (low, high, middle) => ({
    id: "band",
    beforeDatasetsDraw(chart) {
      const { ctx, scales: { y } } = chart;
      ctx.save();
      for (const weeks of stretches) {
        ctx.fillStyle = colour("sunk");
        for (const week of weeks) {
          const [left, right] = edges(chart, week);
          const [top, bottom] = [y.getPixelForValue(high[week]), y.getPixelForValue(low ? low[week] : 0)];
          // Half a pixel more, so that no seam shows between two weeks.
          ctx.fillRect(left, top, right - left + 0.5, bottom - top);
        }
        ctx.lineWidth = 1;
        ctx.strokeStyle = colour("edge");
        ctx.setLineDash(fixed.has(weeks[0]) ? [] : RUNNING_DASH);
        steps(chart, weeks, high);
        if (low) steps(chart, weeks, low);
        if (!middle) continue;
        ctx.lineWidth = 2;
        ctx.strokeStyle = colour("quiet");
        steps(chart, weeks, middle);
      }
      ctx.restore();
    },
  });

  /* Where something changed: a line up to its number, as in the list below the chart. */

  const markings = {
    id: "markings",
    afterDatasetsDraw(chart) {
      const { ctx, chartArea, scales: { x } } = chart;
      const size = fontOf().size;
      const radius = size * 0.85;
      ctx.save();
      ctx.font = `${size}px ${fontOf().family}`;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      let taken = -Infinity;
      let row = 0;
      for (const mark of data.marks) {
        const at = x.getPixelForValue(mark.at);
        row = at - taken < radius * 2.2 ? (row + 1) % 3 : 0;
        taken = at;
        const y = chartArea.top - radius - 3 - row * radius * 2.1;
        ctx.strokeStyle = colour("edge");
        ctx.lineWidth = 1;
        ctx.setLineDash([1, 3]);
        ctx.beginPath();
        ctx.moveTo(at, y + radius);
        ctx.lineTo(at, chartArea.bottom);
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.fillStyle = colour("paper");
        ctx.beginPath();
        ctx.arc(at, y, radius, 0, 2 * Math.PI);
        ctx.fill();
        ctx.stroke();
        ctx.fillStyle = colour("ink");
        ctx.fillText(mark.number, at, y + 1);
      }
      ctx.restore();
    },
  };

  const rowsOfMarks = () => (data.marks.length ? px() * 5 : px() * 0.75);

  /* The two charts */

  const scales = (font, low, high) => ({
    x: {
      offset: true,
      grid: { display: false },
      border: { color: colour("line") },
      ticks: { color: colour("quiet"), font, maxRotation: 0, autoSkipPadding: 24 },
    },
    y: {
      suggestedMin: low,
      suggestedMax: high,
      border: { display: false },
      grid: { color: colour("line") },
      ticks: { color: colour("quiet"), font, maxTicksLimit: 6 },
      afterFit: (axis) => { axis.width = Math.max(axis.width, px() * 3.5); },
    },
  });

  const tip = (font, lines) => ({
    enabled: true,
    filter: (item) => item.datasetIndex === 0,
    displayColors: false,
    backgroundColor: colour("ink"),
    titleColor: colour("paper"),
    bodyColor: colour("paper"),
    titleFont: font,
    bodyFont: font,
    padding: 10,
    callbacks: {
      title: ([item]) => (item ? words[item.dataIndex]?.[0] : ""),
      label: ({ dataIndex }) => lines(words[dataIndex] ?? []),
    },
  });

  const base = (font, lines, low, high) => ({
    animation: false,
    maintainAspectRatio: false,
    events: ["mousemove", "mouseout", "click", "touchstart", "touchmove"],
    interaction: { mode: "index", intersect: false },
    plugins: { legend: { display: false }, tooltip: tip(font, lines) },
    scales: scales(font, low, high),
  });

  const line = (values, tint) => ({
    data: values,
    borderColor: tint,
    backgroundColor: tint,
    borderWidth: 2,
    spanGaps: false,
    pointHoverRadius: 6,
    pointBorderColor: tint,
    pointBackgroundColor: tint,
  });

  const small = () => (data.weeks.length > MANY ? 2 : 3.5);

  const numbers = (canvas) => {
    const font = fontOf();
    const [accent, look, paper] = [colour("accent"), colour("look"), colour("paper")];
    const isRunning = (week) => week === data.running;
    const each = (say) => data.values.map((_, week) =>
      say(above.has(week) ? "above" : below.has(week) ? "below" : "", week));
    const all = known([...data.values, ...data.targets, ...data.lower, ...data.upper]);
    const room = (Math.max(...all) - Math.min(...all)) * 0.06;
    const low = Math.min(...all) - room;
    return new Chart(canvas, {
      type: "line",
      data: {
        labels: data.weeks,
        datasets: [
          {
            ...line(data.values, accent),
            borderColor: accent,
            pointStyle: each((sign, week) => (sign ? "triangle" : short.has(week) ? "rect" : "circle")),
            pointRadius: each((sign, week) => (sign ? SIGN_SIZE : isRunning(week) ? 5 : small())),
            pointRotation: each((sign) => (sign === "below" ? UPSIDE_DOWN : 0)),
            // Filled where the week completes a signal, open where it is only part of a run.
            pointBackgroundColor: each((sign, week) =>
              (isRunning(week) || short.has(week) || (sign && !fired.has(week)) ? paper : sign ? look : accent)),
            pointBorderWidth: each((sign) => (sign ? 1.5 : 1)),
            pointBorderColor: each((sign) => (sign ? look : accent)),
            segment: { borderDash: (part) => (isRunning(part.p1DataIndex) ? RUNNING_DASH : undefined) },
          },
          {
            data: data.targets,
            borderColor: colour("met"),
            borderWidth: 2,
            borderDash: TARGET_DASH,
            stepped: "middle",
            spanGaps: false,
            pointRadius: 0,
            pointHoverRadius: 0,
          },
        ],
      },
      options: {
        ...base(
          font,
          ([, value, target, , , usual, verdict]) => [
            value + (target === "–" ? "" : `, target ${target}`),
            ...(usual === "–" ? [] : [`usually ${usual}`]),
            ...(verdict ? [verdict] : []),
          ],
          Math.min(...all) >= 0 ? Math.max(0, low) : low,
          Math.max(...all) + room,
        ),
        layout: { padding: { top: rowsOfMarks() } },
      },
      plugins: [band(data.lower, data.upper, data.mean), markings],
    });
  };

  const ranges = (canvas) => {
    const font = fontOf();
    const tint = colour("accent");
    const isBeyond = (week) => data.ranges[week] !== null && data.ranges[week] > (data.range[week] ?? Infinity);
    return new Chart(canvas, {
      type: "line",
      data: {
        labels: data.weeks,
        datasets: [{
          ...line(data.ranges, tint),
          pointStyle: data.ranges.map((_, week) => (isBeyond(week) ? "triangle" : "circle")),
          pointRadius: data.ranges.map((_, week) => (isBeyond(week) ? SIGN_SIZE : small())),
          pointBackgroundColor: data.ranges.map((_, week) => (isBeyond(week) ? colour("look") : tint)),
          pointBorderColor: data.ranges.map((_, week) => (isBeyond(week) ? colour("look") : tint)),
        }],
      },
      options: base(
        font,
        ([, , , moved]) => (moved === "–" ? "no week before it" : `moved by ${moved}`),
        0,
        Math.max(0, ...known(data.range)) * 1.06,
      ),
      plugins: [band(null, data.range, null)],
    });
  };

  const button = document.querySelector("[data-ranges]");
  const box = document.getElementById("ranges");
  let drawn = [];

  const draw = () => {
    drawn.forEach((chart) => chart.destroy());
    drawn = [numbers(document.getElementById("history-chart"))];
    if (box.hidden) return;
    // The canvas comes with the first look at it: a hidden one has no size to draw to.
    const waiting = box.querySelector("template");
    if (waiting) waiting.replaceWith(waiting.content);
    drawn.push(ranges(document.getElementById("ranges-chart")));
  };

  button.hidden = known(data.ranges).length === 0;
  button.addEventListener("click", () => {
    box.hidden = !box.hidden;
    button.setAttribute("aria-expanded", String(!box.hidden));
    const [show, hide] = ["Show how far", "Hide how far"];
    button.textContent = button.textContent.replace(box.hidden ? hide : show, box.hidden ? show : hide);
    draw();
  });

  draw();
  document.addEventListener("themechange", draw);
  // Paper is light, whatever the screen is.
  window.matchMedia("print").addEventListener("change", draw);
})();
