import type { Words } from '../index.svelte';
import type en from '../en/overview';

const overview: Words<typeof en> = {
  title: '概要',
};
export default overview;
