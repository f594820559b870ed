import type { Words } from '../index.svelte';
import type en from '../en/status';

const status: Words<typeof en> = {
  new: '新規',
  acknowledged: '確認済み',
  suppressed: '抑制中',
  closed: 'クローズ',
};
export default status;
