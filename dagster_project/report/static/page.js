/* Draws the charts of the page from its own data block, in the colours of its styles. */
(function () {
  "use strict";
  var root = document.documentElement;
  var data = JSON.parse(document.getElementById("chart-data").textContent);
  var drawn = {};
  root.classList.add("js");

  function colour(name) {
    return getComputedStyle(root).getPropertyValue("--" + name).trim();
  }

  function text(size) {
    return { color: colour("ink"), fontSize: size || 12, fontFamily: getComputedStyle(document.body).fontFamily };
  }

  function formatter(currency, options) {
    var wanted = Object.assign({ maximumFractionDigits: 0 }, options);
    if (currency) { Object.assign(wanted, { style: "currency", currency: currency, currencyDisplay: "narrowSymbol" }); }
    return new Intl.NumberFormat("en", wanted);
  }

  function tooltip() {
    return {
      confine: true,
      backgroundColor: colour("surface"),
      borderColor: colour("line"),
      textStyle: text(13)
    };
  }

  function mrr(chart, width) {
    var full = formatter(chart.currency);
    var short = formatter(chart.currency, { notation: "compact", maximumFractionDigits: 1 });
    var bars = chart.kinds.filter(function (kind) {
      return chart.movements[kind.kind].some(function (amount) { return amount; });
    });
    var label = Object.assign(text(), { color: colour("muted") });
    var left = 64, narrow = width < 560;
    var legendRows = narrow ? 2 : 1;
    function axis(grid, shown) {
      return {
        type: "category", gridIndex: grid, data: chart.months,
        axisLine: { lineStyle: { color: colour("line") }, onZero: false },
        axisTick: { show: false },
        axisLabel: Object.assign({}, label, {
          show: shown, hideOverlap: true, lineHeight: 15,
          formatter: function (month) { return month.replace(" ", "\n"); }
        })
      };
    }
    function amounts(grid, name) {
      return {
        type: "value", gridIndex: grid, name: name, nameLocation: "end", nameGap: 12,
        nameTextStyle: Object.assign({}, label, { align: "left", padding: [0, 0, 0, -left + 4] }),
        splitNumber: narrow ? 3 : 4,
        axisLabel: Object.assign({}, label, { formatter: function (v) { return short.format(v); } }),
        splitLine: { lineStyle: { color: colour("line") } }
      };
    }
    return {
      aria: { enabled: false },
      animation: false,
      textStyle: text(),
      legend: {
        bottom: 0, left: "center", itemWidth: 14, itemHeight: 10, itemGap: 14,
        selectedMode: false, textStyle: text(),
        data: bars.map(function (kind) { return kind.label; })
      },
      tooltip: Object.assign(tooltip(), {
        trigger: "axis", axisPointer: { type: "shadow" },
        valueFormatter: function (v) { return v === null || v === undefined ? "not known" : full.format(v); }
      }),
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      grid: [
        { left: left, right: 12, top: 36, height: 160 },
        { left: left, right: 12, top: 248, bottom: 46 + legendRows * 24 }
      ],
      xAxis: [axis(0, false), axis(1, true)],
      yAxis: [amounts(0, "MRR at month's end"), amounts(1, "Movements in the month")],
      series: [{
        name: "MRR", type: "line", xAxisIndex: 0, yAxisIndex: 0, data: chart.mrr,
        symbol: "circle", symbolSize: 6, lineStyle: { width: 2.5, color: colour("ink") },
        itemStyle: { color: colour("ink") }, areaStyle: { color: colour("accent"), opacity: 0.1 }
      }].concat(bars.map(function (kind) {
        return {
          name: kind.label, type: "bar", stack: "movements", xAxisIndex: 1, yAxisIndex: 1,
          data: chart.movements[kind.kind], barMaxWidth: 34, barCategoryGap: "28%",
          itemStyle: { color: colour(kind.kind) || colour("other"), borderColor: colour("page"), borderWidth: 0.5 }
        };
      }))
    };
  }

  function moves(chart, width) {
    var count = formatter(null), side = Math.min(230, width * 0.36), seen = {}, nodes = [];
    function node(side, name, depth) {
      var id = side + ":" + name;
      if (!seen[id]) {
        seen[id] = true;
        nodes.push({
          name: id, depth: depth, itemStyle: { color: colour("bar") },
          label: { position: depth ? "right" : "left" }
        });
      }
      return id;
    }
    var links = chart.links.map(function (link) {
      return { source: node("from", link.from, 0), target: node("to", link.to, 1), value: link.customers };
    });
    function title(id) { return id.slice(id.indexOf(":") + 1); }
    return {
      aria: { enabled: false },
      animation: false,
      textStyle: text(),
      tooltip: Object.assign(tooltip(), {
        formatter: function (item) {
          var box = document.createElement("span");
          box.textContent = item.dataType === "edge"
            ? title(item.data.source) + " → " + title(item.data.target) + ": " + count.format(item.value)
            : title(item.name) + ": " + count.format(item.value);
          return box;
        }
      }),
      series: [{
        type: "sankey", left: side, right: side, top: 12, bottom: 12, nodeGap: 26, nodeWidth: 12,
        layoutIterations: 32, draggable: false, emphasis: { focus: "adjacency" },
        data: nodes, links: links,
        label: Object.assign(text(13), {
          formatter: function (item) { return title(item.name) + "\u00a0" + count.format(item.value); },
          width: side - 12, overflow: "break", lineHeight: 16
        }),
        lineStyle: { color: colour("bar"), opacity: 0.28, curveness: 0.5 }
      }]
    };
  }

  function ends(chart, side) {
    return new Set(chart.links.map(function (link) { return link[side]; })).size;
  }

  function draw(id) {
    var element = document.getElementById(id), chart = data[id];
    if (!element) { return; }
    var wide = root.classList.contains("printing") ? 672 : element.parentElement.clientWidth;
    if (chart.type === "moves") {
      element.hidden = wide < 520;
      element.style.height = 60 + 46 * Math.max(ends(chart, "from"), ends(chart, "to")) + "px";
    }
    if (element.hidden) { return; }
    if (!drawn[id]) { drawn[id] = window.echarts.init(element, null, { renderer: "svg" }); }
    drawn[id].resize();
    drawn[id].setOption(chart.type === "mrr" ? mrr(chart, wide) : moves(chart, wide), true);
  }

  function drawAll() { Object.keys(data).forEach(draw); }

  var waiting = null;
  window.addEventListener("resize", function () {
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 100);
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (part) { part.open = true; });
    root.classList.add("printing");
    drawAll();
  });
  window.addEventListener("afterprint", function () {
    root.classList.remove("printing");
    drawAll();
  });
  drawAll();
}());
