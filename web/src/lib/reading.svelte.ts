// lib/format.ts bound to the reader's language and time zone; reactive, so a switch redraws.
import { clock } from './clock.svelte';
import * as format from './format';
import { preferences } from './preferences.svelte';

export const number = (value: number) => format.format_number(value, preferences.language);
export const compact = (value: number) => format.format_compact(value, preferences.language);
export const bytes = (value: number) => format.format_bytes(value, preferences.language);
export const percent = (share: number) => format.format_percent(share, preferences.language);
export const duration = (ms: number) => format.format_duration(ms, preferences.language);
export const ago = (time: string | number) => format.format_ago(time, clock.minute, preferences.language);
export const time = (value: string | number, style?: format.TimeStyle) => format.format_time(value, preferences.zone, preferences.language, style);

// UTC, the browser's own time, and how long ago: what a hover over a time tells.
export const time_story = (value: string | number) =>
  [
    format.format_time_zone(value, 'utc', preferences.language, 'full'),
    format.format_time_zone(value, 'local', preferences.language, 'full'),
    ago(value),
  ].join('\n');
