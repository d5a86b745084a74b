// Bundled into vendor/echarts.min.js: only the charts the pages draw.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([
  BarChart, LineChart, PieChart,
  AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent,
  CanvasRenderer,
]);
window.echarts = { init: echarts.init, getInstanceByDom: echarts.getInstanceByDom };
