import type { Words } from '../index.svelte';
import type en from '../en/discover';

const discover: Words<typeof en> = {
  title: '探索',
};
export default discover;
