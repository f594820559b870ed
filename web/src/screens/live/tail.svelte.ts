// The newest events as they come, at most so many; nothing moves while paused.
import { open_stream, type StreamState } from '../../lib/api/stream';
import type { Counters } from '../../lib/api/types';
import { row_of, type EventRow } from '../discover/rows.svelte';

export const kKept = 1000;

export class Tail {
  rows = $state.raw<EventRow[]>([]);
  state = $state<StreamState>('connecting');
  counters = $state.raw<Counters>();
  paused = $state(false);
  waiting = $state(0); // came while paused
  matched = $state(0);
  dropped = $state(0); // matched, and not sent or not kept for the screen
  private held: EventRow[] = [];

  // Follows until the returned function is called.
  follow(filter: string, types: string[], columns: readonly string[]): () => void {
    this.clear();
    return open_stream(
      { topics: ['counters', 'events'], filter, types, columns: [...columns] },
      {
        counters: (counters) => (this.counters = counters),
        events: ({ columns, rows, matched, dropped }) => {
          this.matched += matched;
          this.dropped += dropped;
          const names = columns.map(({ name }) => name);
          this.take(rows.map((cells) => row_of(names, cells)));
        },
      },
      (state) => (this.state = state),
    );
  }

  private take(fresh: EventRow[]) {
    const known = new Set(this.rows.map(({ ptr }) => ptr));
    const next = [...fresh.filter(({ ptr }) => !known.has(ptr)), ...(this.paused ? this.held : this.rows)];
    if (next.length > kKept) this.dropped += this.paused ? next.length - kKept : 0;
    const kept = next.slice(0, kKept);
    if (!this.paused) this.rows = kept;
    else {
      this.held = kept;
      this.waiting = kept.length;
    }
  }

  toggle() {
    this.paused = !this.paused;
    if (this.paused) return;
    this.rows = [...this.held, ...this.rows].slice(0, kKept);
    this.held = [];
    this.waiting = 0;
  }

  clear() {
    this.rows = [];
    this.held = [];
    this.waiting = this.matched = this.dropped = 0;
  }
}
