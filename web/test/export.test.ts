import { expect, it } from 'vitest';
import { to_csv, to_json_lines } from '../src/lib/export';

it('CSV quotes, marks UTF-8 and disarms formulas', () => {
  expect(to_csv(['a', 'b'], [['=1+1', 'x"y'], [null, 3]])).toBe('\ufeffa,b\r\n\'=1+1,"x""y"\r\n,3\r\n');
  expect(to_csv(['a'], [['@SUM(A1)'], ['a,b'], ['é\n']])).toBe('\ufeffa\r\n\'@SUM(A1)\r\n"a,b"\r\n"é\n"\r\n');
  expect(to_csv(['a'], [[-5]])).toBe('\ufeffa\r\n-5\r\n');
});
it('JSON Lines keep kinds', () => {
  expect(to_json_lines(['a', 'b'], [[1, null], ['x', true]])).toBe('{"a":1,"b":null}\n{"a":"x","b":true}\n');
});
