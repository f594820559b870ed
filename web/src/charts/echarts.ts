// The parts of ECharts the console draws with; everything else stays out of the bundle. Loaded only when a chart is shown.
import { BarChart, HeatmapChart, LineChart, PieChart, SankeyChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, BrushComponent, DataZoomInsideComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([AriaComponent, BarChart, BrushComponent, CanvasRenderer, DataZoomInsideComponent, GridComponent, HeatmapChart, LegendComponent, LineChart, MarkAreaComponent, MarkLineComponent, PieChart, SankeyChart, ScatterChart, TooltipComponent, VisualMapComponent]);

// ECharts empties its element with innerHTML = '', which Trusted Types refuse; this element takes it as "no children".
export function start_chart(element: HTMLElement): EChartsType {
  Object.defineProperty(element, 'innerHTML', { configurable: true, set: () => element.replaceChildren() });
  return init(element, null, { renderer: 'canvas' });
}
export type { EChartsCoreOption, EChartsType };
