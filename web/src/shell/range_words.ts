import { t } from '../i18n/index.svelte';
import { time } from '../lib/reading.svelte';
import type { TimeRange } from '../lib/time_range';

// "Last 24 hours", "2026-11-20 09:00 – 2026-11-21 09:00", "±15m around …" in the reader's language and zone.
export function describe_range(range: TimeRange): string {
  switch (range.kind) {
    case 'all':
      return t('shell.all_time');
    case 'relative': {
      const unit = range.since.slice(-1) as 's' | 'm' | 'h' | 'd' | 'w';
      return t(`shell.last_${unit}`, { n: Number.parseInt(range.since, 10) });
    }
    case 'absolute':
      return `${time(range.from, 'minute')} – ${same_day(range.from, range.to) ? time(range.to, 'minute').slice(11) : time(range.to, 'minute')}`;
    case 'around':
      return `${time(range.at)} ± ${range.within}`;
  }
}

const same_day = (a: string, b: string) => time(a, 'date') === time(b, 'date');
