// Asks something again whenever what it depends on changes. A new question aborts the one before; leaving the
// screen aborts the last; whoever signs in again gets fresh answers. Call it while a component starts.
//
//   const asked = follow(() => ({ text, ...range.api }), (ask, signal) => get('/path', ask, signal), (answer) => (value = answer));
//   asked.loading · asked.error · asked.reload()
import { is_abort } from './api/client';
import { session } from './session.svelte';

export interface Following {
  readonly error: Error | undefined;
  readonly loading: boolean;
  reload(): void;
}

export function follow<K, T>(question: () => K, ask: (key: K, signal: AbortSignal) => Promise<T>, take: (answer: T) => void): Following {
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
        take(answer);
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
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    reload: () => {
      turn += 1;
    },
  };
}
