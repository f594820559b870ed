// Puts text on the clipboard and says so.
import { t } from '../i18n/index.svelte';
import { toast, toast_problem } from './toasts.svelte';

export function copy(text: string) {
  navigator.clipboard.writeText(text).then(() => toast(t('ui.copied')), toast_problem);
}
