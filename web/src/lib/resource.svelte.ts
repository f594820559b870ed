// Something asked of the server that follows what it depends on.
//
//   const list = resource(() => ({ ...url.now, ...range.api }), (ask, signal) => get<FindingList>('/findings', ask, signal));
//   list.value · list.error · list.loading · list.reload()
//
// A new question aborts the one before; leaving the screen aborts the last. While a question runs the old
// value stays, so nothing jumps; `loading` with `value === undefined` is the first time. Call it while a
// component starts.
import { is_abort } from './api/client';
import { session } from './session.svelte';

export interface Resource<T> {
  readonly value: T | undefined;
  readonly error: Error | undefined;
  readonly loading: boolean;
  reload(): void;
  put(value: T): void; // what the screen knows before the server says so
}

export function resource<K, T>(question: () => K, ask: (key: K, signal: AbortSignal) => Promise<T>): Resource<T> {
  let value = $state.raw<T>();
  let error = $state.raw<Error>();
  let loading = $state(true);
  let turn = $state(0);
  const key = $derived(JSON.stringify(question()));

  $effect(() => {
    void turn;
    void session.logins;
    const controller = new AbortController();
    loading = true;
    ask(JSON.parse(key) as K, controller.signal)
      .then((answer) => {
        if (controller.signal.aborted) return;
        value = answer;
        error = undefined;
        loading = false;
      })
      .catch((problem: unknown) => {
        if (controller.signal.aborted || is_abort(problem)) return;
        error = problem instanceof Error ? problem : new Error(String(problem));
        loading = false;
      });
    return () => controller.abort();
  });

  return {
    get value() {
      return value;
    },
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    reload: () => {
      turn += 1;
    },
    put: (next) => {
      value = next;
    },
  };
}
