// Something asked of the server that follows what it depends on (follow.svelte.ts).
//
//   const list = resource(() => ({ ...url.now, ...range.api }), (ask, signal) => get<FindingList>('/findings', ask, signal));
//   list.value · list.error · list.loading · list.reload()
//
// While a question runs the old value stays, so nothing jumps; `loading` with `value === undefined` is the first time.
import { follow, type Following } from './follow.svelte';

export interface Resource<T> extends Following {
  readonly value: T | undefined;
  put(value: T): void; // what the screen knows before the server says so
}

export function resource<K, T>(question: () => K, ask: (key: K, signal: AbortSignal) => Promise<T>): Resource<T> {
  let value = $state.raw<T>();
  const put = (next: T) => {
    value = next;
  };
  const asked = follow(question, ask, put);
  return {
    get value() {
      return value;
    },
    get error() {
      return asked.error;
    },
    get loading() {
      return asked.loading;
    },
    reload: asked.reload,
    put,
  };
}
