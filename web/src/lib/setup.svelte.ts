// Work the server does aside: bringing in a folder, the sample, a replay. Asked every second while one runs.
import { untrack } from 'svelte';
import { get } from './api/client';
import type { Setup } from './api/types';

const kEvery_ms = 1000;

export function setup_state(onfinished: () => void = () => {}) {
  let now = $state.raw<Setup>();
  let error = $state.raw<Error>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let left = false;
  const is_busy = (setup: Setup | undefined) => !!setup?.job && !setup.job.error && (setup.job.total === 0 || setup.job.done < setup.job.total);

  async function look() {
    clearTimeout(timer);
    const was_busy = is_busy(now);
    try {
      now = await get<Setup>('/setup');
      error = undefined;
    } catch (problem) {
      error = problem instanceof Error ? problem : new Error(String(problem));
    }
    if (left) return;
    if (was_busy && !is_busy(now)) onfinished();
    if (is_busy(now)) timer = setTimeout(look, kEvery_ms);
  }
  // Once, when the component starts: what a look finds must not ask for the next.
  $effect(() => {
    untrack(() => void look());
    return () => {
      left = true;
      clearTimeout(timer);
    };
  });
  return {
    get now() {
      return now;
    },
    get error() {
      return error;
    },
    get busy() {
      return is_busy(now);
    },
    look,
  };
}
