import type { Words } from '../index.svelte';
import type en from '../en/tactics';

const tactics: Words<typeof en> = {
  TA0043: '偵察',
  TA0042: 'リソース開発',
  TA0001: '初期アクセス',
  TA0002: '実行',
  TA0003: '永続化',
  TA0004: '権限昇格',
  TA0005: '防御回避',
  TA0006: '認証情報アクセス',
  TA0007: '探索',
  TA0008: '横展開',
  TA0009: '収集',
  TA0011: 'C2 通信',
  TA0010: '持ち出し',
  TA0040: '影響',
};
export default tactics;
