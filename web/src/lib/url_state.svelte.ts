// A screen's state, kept in the address and nowhere else.
//
//   const url = url_state({ level: list(), sort: one_of(['score', 'last'], 'score') });
//   url.now.level                              reactive, typed
//   url.set({ level: ['high'] })               a step the back button undoes
//   url.set({ sort: 'last' }, { replace: true })   not a step
import { go, here } from './router.svelte';
import { read_state, write_state, type Spec, type StateOf } from './url_codec';

export interface UrlState<S extends Spec> {
  readonly now: StateOf<S>;
  set(change: Partial<StateOf<S>>, options?: { replace?: boolean }): void;
  href(change: Partial<StateOf<S>>): string; // the address with a change, for links
}

export function url_state<S extends Spec>(spec: S): UrlState<S> {
  const now = $derived(read_state(spec, here.search));
  const href = (change: Partial<StateOf<S>>) => {
    const search = write_state(spec, here.search, change).toString();
    return search ? `${here.path}?${search}` : here.path;
  };
  return {
    get now() {
      return now;
    },
    set: (change, options) => go(href(change), options),
    href,
  };
}

