import type { Words } from '../index.svelte';
import type en from '../en/live';

const live: Words<typeof en> = {
  title: 'ライブ',
};
export default live;
