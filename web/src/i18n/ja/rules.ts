import type { Words } from '../index.svelte';
import type en from '../en/rules';

const rules: Words<typeof en> = {
  title: '検知ルール',
};
export default rules;
