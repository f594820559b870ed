// A change asked of the server: done with a note, or the reason it was refused.
import { toast, toast_problem } from '../../lib/toasts.svelte';

export async function change(work: () => Promise<unknown>, done?: string, undo?: () => unknown): Promise<boolean> {
  try {
    await work();
    if (done) toast(done, { undo });
    return true;
  } catch (problem) {
    toast_problem(problem);
    return false;
  }
}
