// Short notes at the corner of the screen, some with a way back.
//
//   toast(t('findings.closed', { n }), { undo: () => send('POST', '/findings/undo', { undo_id }) });
export interface Toast {
  id: number;
  text: string;
  kind: 'done' | 'problem';
  undo?: () => unknown;
  seconds: number;
}

class Toasts {
  items = $state<Toast[]>([]);
}
export const toasts = new Toasts();
let last = 0;

// A note with undo stays 10 s, a problem until it is closed, anything else 5 s.
export function toast(text: string, options: { kind?: Toast['kind']; undo?: () => unknown } = {}) {
  const kind = options.kind ?? 'done';
  const seconds = kind === 'problem' ? 0 : options.undo ? 10 : 5;
  const item: Toast = { id: (last += 1), text, kind, undo: options.undo, seconds };
  toasts.items = [...toasts.items.slice(-3), item];
}

export const toast_problem = (problem: unknown) => toast(problem instanceof Error ? problem.message : String(problem), { kind: 'problem' });

export function drop_toast(id: number) {
  toasts.items = toasts.items.filter((item) => item.id !== id);
}
