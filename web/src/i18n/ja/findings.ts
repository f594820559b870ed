import type { Words } from '../index.svelte';
import type en from '../en/findings';

const findings: Words<typeof en> = {
  title: '検出結果',
};
export default findings;
