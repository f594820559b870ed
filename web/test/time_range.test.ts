import { describe, expect, it } from 'vitest';
import { api_range, duration_ms, duration_text, read_range, shift_range, write_range, zoom_out, type TimeRange } from '../src/lib/time_range';

const kNow = Date.parse('2026-11-22T12:00:00Z');
const read = (text: string) => read_range(new URLSearchParams(text));

describe('a time range', () => {
  it('is everything when the address says nothing or nonsense', () => {
    for (const text of ['', 'since=soon', 'since=-1h', 'from=x&to=y', 'from=2026-01-02&to=2026-01-01', 'around=never']) expect(read(text)).toEqual({ kind: 'all' });
  });
  it('survives the way to the address and back', () => {
    const ranges: TimeRange[] = [
      { kind: 'all' },
      { kind: 'relative', since: '24h' },
      { kind: 'absolute', from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' },
      { kind: 'around', at: '2026-11-20T00:00:00.123456Z', within: '5m' },
    ];
    for (const range of ranges) {
      const search = new URLSearchParams();
      for (const [key, value] of Object.entries(write_range(range))) if (value !== null) search.set(key, value);
      expect(read_range(search)).toEqual(range);
    }
  });
  it('asks the server for both sides of a moment', () => {
    expect(api_range({ kind: 'around', at: '2026-11-20T00:00:00Z', within: '15m' })).toEqual({ from: '2026-11-19T23:45:00.000Z', to: '2026-11-20T00:15:00.000Z' });
  });
  it('moves by its own width', () => {
    expect(shift_range({ kind: 'relative', since: '2h' }, -1, kNow)).toEqual({ kind: 'absolute', from: '2026-11-22T08:00:00.000Z', to: '2026-11-22T10:00:00.000Z' });
    expect(shift_range({ kind: 'all' }, 1, kNow)).toEqual({ kind: 'all' });
  });
  it('doubles when zoomed out, without reaching beyond now', () => {
    expect(zoom_out({ kind: 'relative', since: '12h' }, kNow)).toEqual({ kind: 'relative', since: '1d' });
    expect(zoom_out({ kind: 'around', at: '2026-11-20T00:00:00Z', within: '15m' }, kNow)).toMatchObject({ within: '30m' });
    expect(zoom_out({ kind: 'absolute', from: '2026-11-22T08:00:00Z', to: '2026-11-22T12:00:00Z' }, kNow)).toEqual({ kind: 'absolute', from: '2026-11-22T06:00:00.000Z', to: '2026-11-22T12:00:00.000Z' });
  });
});

describe('a duration', () => {
  it('is read and written in the largest whole unit', () => {
    expect(duration_ms('90m')).toBe(5_400_000);
    expect(duration_ms('1.5h')).toBeUndefined();
    expect(duration_text(5_400_000)).toBe('90m');
    expect(duration_text(172_800_000)).toBe('2d');
  });
});
