// Draws every element with data-chart='{…}' (options of ECharts as JSON) in the colours of the theme, again whenever that changes.
(() => {
  "use strict";
  // The legend stands above the drawing, as buttons that show and hide: on the canvas its words would be cut off where there is little room.
  function explain(element, chart, series) {
    const known = element.previousElementSibling;
    const list = known?.classList.contains("chart-legend") ? known : document.createElement("div");
    list.className = "chart-legend";
    list.replaceChildren(...series.map(({ name }, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `chart-name chart-name-${place + 1}`;
      button.textContent = name;
      button.setAttribute("aria-pressed", "true");
      button.addEventListener("click", () => {
        button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
        chart.dispatchAction({ type: "legendToggleSelect", name });
      });
      return button;
    }));
    element.before(list);
  }
  function draw(element) {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const text = getComputedStyle(element).color;
    const faint = colour("--chart-faint");
    const axis = { axisLine: { lineStyle: { color: faint } }, axisTick: { show: false }, axisLabel: { color: text }, splitLine: { lineStyle: { color: faint } } };
    const themed = {
      color: [1, 2, 3, 4, 5].map((number) => colour(`--chart-${number}`)),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      categoryAxis: { ...axis, splitLine: { show: false } }, valueAxis: { ...axis, axisLine: { show: false } }, timeAxis: axis,
      legend: { show: false },
      grid: { left: 8, right: 16, top: 12, bottom: 4, containLabel: true },
      // Tooltips drawn on the canvas: as HTML they would need inline styles.
      tooltip: { renderMode: "richText", backgroundColor: colour("--chart-tip"), borderWidth: 0, textStyle: { color: text } },
      line: { smooth: 0.2, symbolSize: 6, lineStyle: { width: 2.5 } }, bar: { barMaxWidth: 28, itemStyle: { borderRadius: [4, 4, 0, 0] } },
    };
    echarts.getInstanceByDom(element)?.dispose();
    const chart = echarts.init(element, themed);
    const options = JSON.parse(element.dataset.chart);
    chart.setOption({ aria: { enabled: true }, animation: false, ...options });
    if (options.legend) explain(element, chart, options.series);
    return chart;
  }
  const drawn = () => document.querySelectorAll("[data-chart]");
  const drawAll = () => drawn().forEach(draw);
  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("theme-painted", () => { if (document.readyState === "complete") drawAll(); });
  document.addEventListener("htmx:load", (event) => event.detail.elt.querySelectorAll?.("[data-chart]").forEach(draw));
  addEventListener("resize", () => drawn().forEach((element) => echarts.getInstanceByDom(element)?.resize()));
})();
