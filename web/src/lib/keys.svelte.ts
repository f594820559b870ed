// Keys of the whole console. A screen adds its own while it is open:
//
//   use_keys({ title: 'findings.title', keys: [{ keys: 'a', does: 'findings.acknowledge', run: acknowledge }] });
//
// None fires while somebody types, composes Japanese, or a dialog is open; `mod+` (Ctrl or ⌘) fires always.
// Written as 'j', 'g o' (one after the other), 'mod+k', 'j | ArrowDown' (either). The help overlay lists every active group.
import { untrack } from 'svelte';
import type { Key } from '../i18n/index.svelte';

export interface KeyGroup {
  title: Key;
  keys: { keys: string; does: Key; run: (event: KeyboardEvent) => void }[];
}

class Keyboard {
  groups = $state.raw<KeyGroup[]>([]);
}
export const keyboard = new Keyboard();

// Call while a component starts; the keys leave with it.
export function use_keys(group: KeyGroup) {
  $effect(() => {
    keyboard.groups = [...untrack(() => keyboard.groups), group];
    return () => {
      keyboard.groups = keyboard.groups.filter((other) => other !== group);
    };
  });
}

const kSequence_ms = 1200;
let first = '';
let first_at = 0;

export function is_typing(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target.shadowRoot?.activeElement) return true;
  return target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]') !== null;
}

function press_of(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey ? 'mod+' : '';
  return mod + (event.key.length === 1 ? event.key.toLowerCase() : event.key);
}

function find(press: string) {
  for (const group of [...keyboard.groups].reverse()) {
    const found = group.keys.find(({ keys }) => keys.split(' | ').includes(press));
    if (found) return found;
  }
  return undefined;
}

function on_key(event: KeyboardEvent) {
  if (event.isComposing || event.defaultPrevented || event.altKey) return;
  const press = press_of(event);
  if (!press.startsWith('mod+') && (is_typing(event.composedPath()[0] ?? null) || document.querySelector('dialog:modal'))) return;
  const now = performance.now();
  const sequence = now - first_at < kSequence_ms ? find(`${first} ${press}`) : undefined;
  first = press;
  first_at = now;
  const found = sequence ?? find(press);
  if (!found) return;
  event.preventDefault();
  if (sequence) first_at = -kSequence_ms;
  found.run(event);
}

export function start_keys() {
  document.addEventListener('keydown', on_key);
}
