import { expect, it } from 'vitest';
import { draw, shape_of } from '../src/screens/query/chart_shape';
import { place_of } from '../src/screens/query/query_language';

const column = (name: string, type: string) => ({ name, type });

it('counts by name are bars', () => {
  const columns = [column('eventName', 'text'), column('n', 'integer')];
  const rows = [['A', 3], ['B', 1]];
  const shape = shape_of(columns, rows)!;
  expect(shape).toEqual({ kind: 'names', x: 0, series: [1] });
  expect(draw(shape, columns, rows)).toEqual({ x: ['A', 'B'], series: [{ name: 'n', values: [3, 1] }], left_out: 0 });
});
it('counts over time are lines, one a name, gaps left open', () => {
  const columns = [column('bin(1h)', 'time'), column('action', 'text'), column('n', 'integer')];
  const rows = [['2026-01-01T01:00:00Z', 'ACCEPT', 5], ['2026-01-01T00:00:00Z', 'ACCEPT', 4], ['2026-01-01T00:00:00Z', 'REJECT', 9]];
  const drawn = draw(shape_of(columns, rows)!, columns, rows);
  expect(drawn.series).toEqual([{ name: 'ACCEPT', values: [4, 5] }, { name: 'REJECT', values: [9, null] }]);
});
it('rows without numbers are no chart', () => {
  expect(shape_of([column('a', 'text')], [['x']])).toBeUndefined();
  expect(shape_of([column('n', 'integer')], [[1]])).toBeUndefined();
});
it('what comes next in a query', () => {
  expect(place_of('fil')).toEqual({ kind: 'command' });
  expect(place_of('fields a | ')).toEqual({ kind: 'command' });
  expect(place_of('filter eventName = "Con')).toEqual({ kind: 'value', field: 'eventName', typed: 'Con' });
  expect(place_of('filter `a-b` in ["x", ')).toMatchObject({ kind: 'value', field: 'a-b' });
  expect(place_of('filter event')).toEqual({ kind: 'name' });
});
