import type { Words } from '../index.svelte';
import type en from '../en/sources';

const sources: Words<typeof en> = {
  title: '収集',
  state: '状態',
  silent: '途絶',
  archive: '過去ログ',
  alive: '受信中',
  n_silent: '途絶 {n} 件',
  log: 'ログ',
  region: 'リージョン',
  last: '最終イベント',
  lag: '遅延',
  day: '過去 24 時間',
  week: '過去 7 日',
  volume: '量の推移',
  volume_of: 'イベント数の推移（最大 {most} 件）',
  errors: 'エラー',
  refresh: '更新',
  no_match: '該当する収集元はありません',
  nothing: 'まだログがありません',
  nothing_text: '下から AWS ログのフォルダーを取り込むか、次のように追跡してください: yagura serve --lake {lake} --watch FOLDER',
  quarantine: '読み取れなかった記録（隔離）',
  quarantine_none: '取り込んだものはすべて読み取れました。',
  reason: '理由',
  object: 'オブジェクト',
  record: 'レコード',
  count: '件数',
  sample: '先頭部分',
  replay: '再読み取り',
  replayed: '読み取り {read} 件、引き続き不可 {still} 件、ファイルなし {gone} 件',
};
export default sources;
