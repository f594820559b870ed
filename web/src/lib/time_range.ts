// The span of time a screen looks at: everything, the last so long, from-to, or around one event.
// In the address it is `since=24h`, `from=…&to=…` or `around=…&within=15m`; nothing means everything.
export type TimeRange =
  | { kind: 'all' }
  | { kind: 'relative'; since: string }
  | { kind: 'absolute'; from: string; to: string }
  | { kind: 'around'; at: string; within: string };

export interface Span {
  from: number; // milliseconds since 1970, inclusive
  to: number; // exclusive
}

const kUnits: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

// "90s", "15m", "24h", "7d", "2w" in milliseconds; undefined when it is nothing of the kind.
export function duration_ms(text: string): number | undefined {
  const found = /^(\d{1,6})\s*([smhdw])$/.exec(text.trim().toLowerCase());
  return found ? Number(found[1]) * kUnits[found[2]!]! : undefined;
}

// The shortest way to write a duration: 5_400_000 is "90m", 86_400_000 is "1d".
export function duration_text(ms: number): string {
  for (const [unit, size] of [['d', kUnits.d!], ['h', kUnits.h!], ['m', kUnits.m!]] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${Math.max(1, Math.round(ms / 1000))}s`;
}

export const iso = (ms: number) => new Date(ms).toISOString();

export function read_range(search: URLSearchParams): TimeRange {
  const since = search.get('since');
  if (since && duration_ms(since)) return { kind: 'relative', since };
  const at = search.get('around');
  if (at && !Number.isNaN(Date.parse(at))) {
    const within = search.get('within') ?? '15m';
    return { kind: 'around', at, within: duration_ms(within) ? within : '15m' };
  }
  const from = search.get('from');
  const to = search.get('to');
  if (from && to && Date.parse(from) < Date.parse(to)) return { kind: 'absolute', from, to };
  return { kind: 'all' };
}

// The parameters of the address; null removes one.
export function write_range(range: TimeRange): Record<'since' | 'from' | 'to' | 'around' | 'within', string | null> {
  const none = { since: null, from: null, to: null, around: null, within: null };
  switch (range.kind) {
    case 'all':
      return none;
    case 'relative':
      return { ...none, since: range.since };
    case 'absolute':
      return { ...none, from: range.from, to: range.to };
    case 'around':
      return { ...none, around: range.at, within: range.within };
  }
}

// What the API takes. "Around" becomes from and to; everything is no parameter at all.
export function api_range(range: TimeRange): { from?: string; to?: string; since?: string } {
  if (range.kind === 'all') return {};
  if (range.kind === 'relative') return { since: range.since };
  if (range.kind === 'absolute') return { from: range.from, to: range.to };
  const span = span_of(range, 0)!;
  return { from: iso(span.from), to: iso(span.to) };
}

export function span_of(range: TimeRange, now: number): Span | undefined {
  switch (range.kind) {
    case 'all':
      return undefined;
    case 'relative':
      return { from: now - duration_ms(range.since)!, to: now };
    case 'absolute':
      return { from: Date.parse(range.from), to: Date.parse(range.to) };
    case 'around': {
      const at = Date.parse(range.at);
      const within = duration_ms(range.within)!;
      return { from: at - within, to: at + within };
    }
  }
}

// The same width, one width earlier (-1) or later (1).
export function shift_range(range: TimeRange, direction: -1 | 1, now: number): TimeRange {
  const span = span_of(range, now);
  if (!span) return range;
  const width = (span.to - span.from) * direction;
  return { kind: 'absolute', from: iso(span.from + width), to: iso(span.to + width) };
}

// Twice as wide around the same middle; a span that would reach beyond now ends now.
export function zoom_out(range: TimeRange, now: number): TimeRange {
  const span = span_of(range, now);
  if (!span) return range;
  if (range.kind === 'relative') return { kind: 'relative', since: duration_text(2 * (span.to - span.from)) };
  if (range.kind === 'around') return { ...range, within: duration_text(span.to - span.from) };
  const half = (span.to - span.from) / 2;
  return { kind: 'absolute', from: iso(span.from - half), to: iso(Math.max(span.to, Math.min(span.to + half, now))) };
}
