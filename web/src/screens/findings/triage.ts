// What people decide about findings. Each decision can be taken back for ten seconds.
import { t, type Key } from '../../i18n/index.svelte';
import { send } from '../../lib/api/client';
import { toast, toast_problem } from '../../lib/toasts.svelte';

export type Triage = 'acknowledge' | 'reopen' | 'close' | 'assign' | 'comment';

const said: Record<Triage, Key> = {
  acknowledge: 'findings.did_acknowledge',
  reopen: 'findings.did_reopen',
  close: 'findings.did_close',
  assign: 'findings.did_assign',
  comment: 'findings.did_comment',
};

export async function triage(action: Triage, ids: string[], more: { assignee?: string; comment?: string }, changed: () => void): Promise<boolean> {
  if (ids.length === 0) return false;
  try {
    const done = await send<{ changed: number; undo_id: string }>('POST', '/findings/triage', { ids, action, ...more });
    changed();
    const undo = async () => {
      await send('POST', '/findings/undo', { undo_id: done.undo_id });
      changed();
    };
    toast(t(said[action], { n: done.changed, name: more.assignee ?? '' }), { undo });
    return true;
  } catch (problem) {
    toast_problem(problem);
    return false;
  }
}
