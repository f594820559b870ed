// Reads the ways people write a moment: ISO 8601 with or without zone, "2026/11/22 3:04", 2026年11月22日 3時4分,
// 22/Nov/2026:03:04:05 +0900 (web servers), Unix seconds to nanoseconds, "now", "now-2h", "yesterday".
// Without a zone of its own, text is in the zone the reader has chosen.
import { duration_ms } from './time_range';
import { zone_offset_ms, type Zone } from './zone';

const kMonths = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export function parse_moment(text: string, zone: Zone, now: number): number | undefined {
  const plain = text.normalize('NFKC').trim();
  return relative(plain, now) ?? unix(plain) ?? web_server(plain) ?? calendar(plain, zone);
}

function relative(text: string, now: number): number | undefined {
  const found = /^(?:now|今)\s*(?:([+-])\s*(\d+\s*[smhdw]))?$/i.exec(text);
  if (found) return now + (found[1] === '+' ? 1 : -1) * (found[2] ? duration_ms(found[2])! : 0);
  const ago = /^-?(\d+)\s*([smhdw])(?:\s*ago)?$/i.exec(text);
  return ago ? now - duration_ms(ago[1]! + ago[2]!)! : undefined;
}

function unix(text: string): number | undefined {
  if (!/^\d{9,19}(\.\d+)?$/.test(text)) return undefined;
  const digits = text.split('.')[0]!.length;
  const power = digits <= 10 ? 3 : digits <= 13 ? 0 : digits <= 16 ? -3 : -6;
  return Math.floor(Number(text) * 10 ** power);
}

function web_server(text: string): number | undefined {
  const found = /^\[?(\d{1,2})\/([A-Za-z]{3})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})\s*([+-]\d{4})\]?$/.exec(text);
  const month = found ? kMonths.indexOf(found[2]!.toLowerCase()) : -1;
  if (!found || month < 0) return undefined;
  return Date.UTC(Number(found[3]), month, Number(found[1]), Number(found[4]), Number(found[5]), Number(found[6])) - offset(found[7]!);
}

function calendar(text: string, zone: Zone): number | undefined {
  const found =
    /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]+(\d{1,2})(?:[:時](\d{1,2})(?:[:分](\d{1,2})(?:[.,](\d{1,9}))?秒?|分)?|時)?)?\s*(Z|UTC|JST|[+-]\d{2}:?\d{2})?$/i.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', name] = found;
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > 31 || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), Math.floor(Number(`0.${fraction}`) * 1000));
  if (!name) return local - zone_offset_ms(zone, local);
  if (/^(z|utc)$/i.test(name)) return local;
  return local - (/^jst$/i.test(name) ? 9 * 3_600_000 : offset(name));
}

// "+0900" or "+09:00" in milliseconds.
function offset(text: string): number {
  const digits = text.slice(1).replace(':', '');
  return (text.startsWith('-') ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}

// Two moments in one text: "A - B", "A ~ B", "A to B", "A から B".
export function parse_span(text: string, zone: Zone, now: number): { from: number; to: number } | undefined {
  const parts = text.split(/\s+(?:-|–|—|to|から)\s+|\s*[~〜～→]\s*|\s*\/\s*(?=\d{4}-\d{2}-\d{2}T)/);
  if (parts.length !== 2) return undefined;
  const from = parse_moment(parts[0]!, zone, now);
  const to = parse_moment(parts[1]!, zone, now);
  return from !== undefined && to !== undefined && from < to ? { from, to } : undefined;
}
