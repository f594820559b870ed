// Whether an answer can be drawn, and as what: times along x make lines, names make bars.
import type { Cell, Column } from '../../lib/api/types';

export interface Shape {
  kind: 'time' | 'names';
  x: number; // column of the times or names
  series: number[]; // columns of numbers
  split?: number; // a second name: one series each
}

const is_number = (type: string) => type === 'integer' || type === 'real';
const kMostNames = 40;
const kMostSeries = 12;

export function shape_of(columns: readonly Column[], rows: readonly Cell[][]): Shape | undefined {
  if (!rows.length) return undefined;
  const series = columns.flatMap((column, i) => (is_number(column.type) ? [i] : []));
  if (!series.length) return undefined;
  const time = columns.findIndex(({ type }) => type === 'time');
  const names = columns.flatMap((column, i) => (!is_number(column.type) && column.type !== 'time' ? [i] : []));
  if (time >= 0) return { kind: 'time', x: time, series: names.length ? series.slice(0, 1) : series.slice(0, kMostSeries), split: names[0] };
  return names.length ? { kind: 'names', x: names[0]!, series: series.slice(0, 4) } : undefined;
}

export interface Drawn {
  x: (string | number)[];
  series: { name: string; values: (number | null)[] }[];
  left_out: number; // names or series beyond what a chart can hold
}

export function draw(shape: Shape, columns: readonly Column[], rows: readonly Cell[][]): Drawn {
  return shape.kind === 'time' ? over_time(shape, columns, rows) : by_name(shape, columns, rows);
}

function by_name(shape: Shape, columns: readonly Column[], rows: readonly Cell[][]): Drawn {
  const shown = rows.slice(0, kMostNames);
  return {
    x: shown.map((row) => String(row[shape.x] ?? '–')),
    series: shape.series.map((at) => ({ name: columns[at]!.name, values: shown.map((row) => to_number(row[at])) })),
    left_out: rows.length - shown.length,
  };
}

function over_time(shape: Shape, columns: readonly Column[], rows: readonly Cell[][]): Drawn {
  const times = [...new Set(rows.map((row) => Date.parse(String(row[shape.x]))))].filter((at) => !Number.isNaN(at)).sort((a, b) => a - b);
  const place = new Map(times.map((at, i) => [at, i]));
  const lines = new Map<string, { total: number; values: (number | null)[] }>();
  for (const row of rows) {
    const at = place.get(Date.parse(String(row[shape.x])));
    if (at === undefined) continue;
    for (const column of shape.series) {
      const name = shape.split === undefined ? columns[column]!.name : String(row[shape.split] ?? '–');
      let line = lines.get(name);
      if (!line) lines.set(name, (line = { total: 0, values: times.map(() => null) }));
      const value = to_number(row[column]);
      line.values[at] = value;
      line.total += value ?? 0;
    }
  }
  const all = [...lines].sort((a, b) => b[1].total - a[1].total);
  return { x: times, series: all.slice(0, kMostSeries).map(([name, { values }]) => ({ name, values })), left_out: Math.max(0, all.length - kMostSeries) };
}

const to_number = (cell: Cell | undefined) => (typeof cell === 'number' ? cell : typeof cell === 'string' && cell !== '' && !Number.isNaN(Number(cell)) ? Number(cell) : null);
