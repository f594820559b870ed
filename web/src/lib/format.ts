// Numbers, sizes and times as people of either language read them. Everything here is a plain function
// of its arguments; ui/ and screens use the ones bound to the reader's choices in reading.svelte.ts.
import { zone_label, zone_name, type Zone } from './zone';

export type Language = 'en' | 'ja';

const cache = new Map<string, unknown>();
function once<T>(key: string, make: () => T): T {
  let made = cache.get(key) as T | undefined;
  if (made === undefined) cache.set(key, (made = make()));
  return made;
}

export function format_number(value: number, language: Language): string {
  return once(`n ${language}`, () => new Intl.NumberFormat(language, { maximumFractionDigits: 2 })).format(value);
}

// 12,345,678 is 12.3M in English and 1235万 in Japanese.
export function format_compact(value: number, language: Language): string {
  if (Math.abs(value) < 10_000) return format_number(value, language);
  return once(`c ${language}`, () => new Intl.NumberFormat(language, { notation: 'compact', maximumSignificantDigits: 3 })).format(value);
}

export function format_bytes(bytes: number, language: Language): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let power = 0;
  let value = bytes;
  while (value >= 1024 && power < units.length - 1) {
    value /= 1024;
    power += 1;
  }
  const digits = power === 0 || value >= 100 ? 0 : 1;
  return `${once(`b ${language} ${digits}`, () => new Intl.NumberFormat(language, { maximumFractionDigits: digits })).format(value)} ${units[power]}`;
}

export const format_percent = (share: number, language: Language) =>
  once(`p ${language}`, () => new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })).format(share);

// Milliseconds as 0.4 s, 12 s, 3 min 5 s, 2 h 10 min, 3 d 4 h (Japanese: 秒 分 時間 日).
export function format_duration(ms: number, language: Language): string {
  const unit = language === 'ja' ? { d: ' 日', h: ' 時間', m: ' 分', s: ' 秒', ms: ' ミリ秒' } : { d: ' d', h: ' h', m: ' min', s: ' s', ms: ' ms' };
  if (ms < 1000) return `${Math.round(ms)}${unit.ms}`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 10) return `${format_number(Math.round(ms / 100) / 10, language)}${unit.s}`;
  const parts = [
    [Math.floor(seconds / 86_400), unit.d],
    [Math.floor(seconds / 3600) % 24, unit.h],
    [Math.floor(seconds / 60) % 60, unit.m],
    [seconds % 60, unit.s],
  ] as const;
  const first = parts.findIndex(([n]) => n > 0);
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, name]) => `${n}${name}`)
    .join(' ');
}

export type TimeStyle = 'date' | 'minute' | 'second' | 'full'; // full: with the fraction the source gave

// 2026-11-22 03:04:05 in English, 2026/11/22 03:04:05 in Japanese, in the given zone.
export function format_time(time: string | number, zone: Zone, language: Language, style: TimeStyle = 'second'): string {
  const ms = typeof time === 'number' ? time : Date.parse(time);
  if (Number.isNaN(ms)) return String(time);
  const formatter = once(
    `t ${zone}`,
    () =>
      new Intl.DateTimeFormat('en-CA', {
        timeZone: zone_name(zone),
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      }),
  );
  const parts = Object.fromEntries(formatter.formatToParts(ms).map(({ type, value }) => [type, value]));
  const date = [parts.year, parts.month, parts.day].join(language === 'ja' ? '/' : '-');
  if (style === 'date') return date;
  const minute = `${date} ${parts.hour}:${parts.minute}`;
  if (style === 'minute') return minute;
  return `${minute}:${parts.second}${style === 'full' ? fraction(time) : ''}`;
}

function fraction(time: string | number): string {
  const found = typeof time === 'string' ? /\.(\d+?)0*Z?$/.exec(time) : null;
  return found && found[1] !== '0' ? `.${found[1]}` : '';
}

export const format_time_zone = (time: string | number, zone: Zone, language: Language, style: TimeStyle = 'second') =>
  `${format_time(time, zone, language, style)} ${zone_label(zone, typeof time === 'number' ? time : Date.parse(time))}`;

// "3 hours ago", 「3 時間前」; the future is told too.
export function format_ago(time: string | number, now: number, language: Language): string {
  const seconds = ((typeof time === 'number' ? time : Date.parse(time)) - now) / 1000;
  if (Number.isNaN(seconds)) return '';
  const formatter = once(`a ${language}`, () => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }));
  const steps = [['year', 31_557_600], ['month', 2_629_800], ['day', 86_400], ['hour', 3600], ['minute', 60]] as const;
  for (const [unit, size] of steps) if (Math.abs(seconds) >= size) return formatter.format(Math.trunc(seconds / size), unit);
  return formatter.format(Math.trunc(seconds), 'second');
}
