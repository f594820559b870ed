import { expect, test } from 'vitest';
import { column_widths } from '../src/screens/query/widths';

test('a number stands beside what it counts, and long texts share the room', () => {
  const [name, n] = column_widths(['eventName', 'n'], [false, false], [['GetObject', 5097], ['DescribeSecurityGroups', 12]]);
  expect(name!.grow).toBeUndefined();
  expect(name!.width).toBeGreaterThan(column_widths(['eventName'], [false], [['GetObject']])[0]!.width);
  expect(n).toEqual({ width: 72 });
  expect(column_widths(['@message'], [false], [['x'.repeat(500)]])[0]!.grow).toBe(1);
  expect(column_widths(['t'], [true], [['2026-03-04T23:59:06Z']])[0]!.width).toBeGreaterThan(150);
});
