import type { Words } from '../index.svelte';
import type en from '../en/query';

const query: Words<typeof en> = {
  title: 'クエリ',
};
export default query;
