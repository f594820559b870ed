import type { Words } from '../index.svelte';
import type en from '../en/setup';

const setup: Words<typeof en> = {
  title: '初回設定',
};
export default setup;
