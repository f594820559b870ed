import { describe, expect, it } from 'vitest';
import { format_ago, format_bytes, format_compact, format_duration, format_time, format_time_zone } from '../src/lib/format';

describe('numbers', () => {
  it('are short the way each language does it', () => {
    expect(format_compact(9999, 'en')).toBe('9,999');
    expect(format_compact(12_345_678, 'en')).toBe('12.3M');
    expect(format_compact(12_345_678, 'ja')).toBe('1230万');
  });
  it('of bytes go up in steps of 1024', () => {
    expect(format_bytes(1023, 'en')).toBe('1,023 B');
    expect(format_bytes(1536, 'en')).toBe('1.5 KiB');
    expect(format_bytes(5 * 1024 ** 3, 'en')).toBe('5 GiB');
  });
  it('of time name the two largest units', () => {
    expect(format_duration(412, 'en')).toBe('412 ms');
    expect(format_duration(1250, 'en')).toBe('1.3 s');
    expect(format_duration(7_500_000, 'en')).toBe('2 h 5 min');
    expect(format_duration(7_500_000, 'ja')).toBe('2 時間 5 分');
  });
});

describe('times', () => {
  const time = '2026-11-21T18:04:05.120000Z';
  it('follow zone and language', () => {
    expect(format_time(time, 'utc', 'en')).toBe('2026-11-21 18:04:05');
    expect(format_time(time, 'jst', 'ja')).toBe('2026/11/22 03:04:05');
    expect(format_time_zone(time, 'jst', 'ja', 'minute')).toBe('2026/11/22 03:04 JST');
  });
  it('keep the fraction the source gave', () => expect(format_time(time, 'utc', 'en', 'full')).toBe('2026-11-21 18:04:05.12'));
  it('that are none are shown as they are', () => expect(format_time('never', 'utc', 'en')).toBe('never'));
  it('ago are told in whole units', () => {
    const now = Date.parse('2026-11-21T21:10:00Z');
    expect(format_ago(time, now, 'en')).toBe('3 hours ago');
    expect(format_ago(time, now, 'ja')).toBe('3 時間前');
  });
});
