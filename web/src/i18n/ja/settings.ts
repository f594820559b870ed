import type { Words } from '../index.svelte';
import type en from '../en/settings';

const settings: Words<typeof en> = {
  title: '設定',
};
export default settings;
