import type { Words } from '../index.svelte';
import type en from '../en/sources';

const sources: Words<typeof en> = {
  title: '収集',
};
export default sources;
