import { describe, expect, it } from 'vitest';
import { parse_moment, parse_span } from '../src/lib/time_text';
import type { Zone } from '../src/lib/zone';

const kNow = Date.parse('2026-11-22T12:00:00Z');
const utc = (text: string, zone: Zone = 'utc') => {
  const ms = parse_moment(text, zone, kNow);
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

describe('a moment people write', () => {
  it.each([
    ['2026-11-22T03:04:05Z', '2026-11-22T03:04:05.000Z'],
    ['2026-11-22T03:04:05.123456Z', '2026-11-22T03:04:05.123Z'],
    ['2026-11-22 03:04', '2026-11-22T03:04:00.000Z'],
    ['2026/11/22 3:04:05 JST', '2026-11-21T18:04:05.000Z'],
    ['2026年11月22日 3時4分', '2026-11-22T03:04:00.000Z'],
    ['２０２６／１１／２２', '2026-11-22T00:00:00.000Z'],
    ['22/Nov/2026:03:04:05 +0900', '2026-11-21T18:04:05.000Z'],
    ['2026-11-22T03:04:05+09:00', '2026-11-21T18:04:05.000Z'],
    ['1795316645', '2026-11-22T03:04:05.000Z'],
    ['1795316645123', '2026-11-22T03:04:05.123Z'],
    ['now', '2026-11-22T12:00:00.000Z'],
    ['now-2h', '2026-11-22T10:00:00.000Z'],
    ['30m', '2026-11-22T11:30:00.000Z'],
  ])('%s is understood', (text, expected) => expect(utc(text)).toBe(expected));

  it('is in the chosen zone when it names none', () => {
    expect(utc('2026-11-22 09:00', 'jst')).toBe('2026-11-22T00:00:00.000Z');
  });
  it.each(['', 'yesterday-ish', '2026-13-01', '2026-11-22 99:00', '12'])('"%s" is not one', (text) => expect(utc(text)).toBeUndefined());
});

describe('a span', () => {
  it('is two moments with a dash, a wave or a word between', () => {
    for (const text of ['2026-11-20 01:00 - 2026-11-20 02:00', '2026-11-20 01:00〜2026-11-20 02:00', '2026-11-20 01:00 to 2026-11-20 02:00']) {
      expect(parse_span(text, 'utc', kNow)).toEqual({ from: Date.parse('2026-11-20T01:00Z'), to: Date.parse('2026-11-20T02:00Z') });
    }
  });
  it('does not end before it begins', () => expect(parse_span('2026-11-21 - 2026-11-20', 'utc', kNow)).toBeUndefined());
});
