import type { Words } from '../index.svelte';
import type en from '../en/levels';

const levels: Words<typeof en> = {
  critical: '緊急',
  high: '高',
  medium: '中',
  low: '低',
  informational: '情報',
};
export default levels;
