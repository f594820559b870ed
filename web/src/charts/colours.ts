// Colours of the current theme as charts need them: resolved, not names.
import type { Level } from '../lib/api/types';

function resolve(name: string): string {
  const probe = document.createElement('span');
  probe.hidden = true;
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

export interface ChartColours {
  ink: string;
  quiet: string;
  line: string;
  card: string;
  accent: string;
  series: string[];
  level: Record<Level, string>;
}

export const chart_colours = (): ChartColours => ({
  ink: resolve('--ink'),
  quiet: resolve('--quiet'),
  line: resolve('--line'),
  card: resolve('--raised'),
  accent: resolve('--accent'),
  series: [1, 2, 3, 4, 5, 6].map((n) => resolve(`--series-${n}`)),
  level: {
    critical: resolve('--critical-fill'),
    high: resolve('--high-fill'),
    medium: resolve('--medium-fill'),
    low: resolve('--low-fill'),
    informational: resolve('--informational-fill'),
  },
});
