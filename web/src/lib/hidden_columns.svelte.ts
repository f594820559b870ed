// Which columns of a table are not shown: those somebody put away, or else the usual ones, and some more where there is
// little room.
//
//   const hidden = hidden_columns('findings', ['score'], ['account']);
//   hidden.has('score') · hidden.toggle('score')
import { recall, remember } from './preferences.svelte';
import { is_tight } from './room';

export function hidden_columns(table: string, usual: string[], when_tight: string[]) {
  const key = `${table}.hidden`;
  let chosen = $state.raw<string[] | undefined>(recall(key));
  const now = $derived(chosen ?? (is_tight.current ? [...usual, ...when_tight] : usual));
  return {
    has: (column: string) => now.includes(column),
    toggle(column: string) {
      chosen = now.includes(column) ? now.filter((one) => one !== column) : [...now, column];
      remember(key, chosen);
    },
  };
}
