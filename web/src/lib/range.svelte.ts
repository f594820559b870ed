// The time range and the accounts every screen shares, read from the address.
//
//   range.now · range.api (for requests) · range.set({ kind: 'relative', since: '24h' })
//   scope.accounts · scope.set(['111111111111'])
import { clock } from './clock.svelte';
import { go, here } from './router.svelte';
import { api_range, read_range, shift_range, span_of, write_range, zoom_out, type TimeRange } from './time_range';
import { set_or_delete, split_list } from './url_codec';

function change(params: Record<string, string | null>) {
  const search = new URLSearchParams(here.search);
  for (const [key, value] of Object.entries(params)) set_or_delete(search, key, value);
  const text = search.toString();
  go(text ? `${here.path}?${text}` : here.path);
}

class Range {
  now = $derived(read_range(here.search));
  api = $derived(api_range(this.now));
  // Where charts begin and end; undefined for everything.
  span = $derived(span_of(this.now, clock.minute));

  set(range: TimeRange) {
    change(write_range(range));
  }
  shift(direction: -1 | 1) {
    this.set(shift_range(this.now, direction, Date.now()));
  }
  zoom_out() {
    this.set(zoom_out(this.now, Date.now()));
  }
}
export const range = new Range();

class Scope {
  accounts = $derived(split_list(here.search.get('account') ?? ''));

  set(accounts: string[]) {
    change({ account: accounts.join(',') || null });
  }
}
export const scope = new Scope();
