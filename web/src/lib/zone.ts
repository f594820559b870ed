// The time zone people read in: UTC, the browser's own, or Japan's.
export type Zone = 'utc' | 'local' | 'jst';
export const zones: readonly Zone[] = ['utc', 'local', 'jst'];

export const zone_name = (zone: Zone): string | undefined => (zone === 'utc' ? 'UTC' : zone === 'jst' ? 'Asia/Tokyo' : undefined);

// How far the zone is ahead of UTC at a wall-clock moment given as if it were UTC.
export function zone_offset_ms(zone: Zone, wall: number): number {
  if (zone === 'utc') return 0;
  if (zone === 'jst') return 9 * 3_600_000;
  const date = new Date(wall);
  const local = new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds());
  return -local.getTimezoneOffset() * 60_000;
}

// What stands behind a time: UTC, JST, or the browser's offset such as +02:00.
export function zone_label(zone: Zone, at: number): string {
  if (zone !== 'local') return zone.toUpperCase();
  const minutes = -new Date(at).getTimezoneOffset();
  const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, '0');
  return minutes === 0 ? 'UTC' : `${minutes < 0 ? '−' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
