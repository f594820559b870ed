import type { Words } from '../index.svelte';
import type en from '../en/query';

const query: Words<typeof en> = {
  title: 'クエリ',
  editor: 'クエリ',
  hint: 'filter errorCode = "AccessDenied" | stats count(*) as n by user.name | sort n desc',
  edit: 'クエリを編集',
  run: '実行',
  stop: '停止',
  stopped: '停止しました（{n} 行まで取得）',
  progress: '{total} セグメント中 {segments} · {size} · {time}',
  rows: '{n} 行',
  at_most: '最大 {size} を読み取ります',
  read: '{total} セグメント中 {segments} を開き、{size} を {time}で読み取り',
  limited: '{n} 行で打ち切りました。limit を付けるか、条件を絞ってください',
  answer: '結果',
  table: '表',
  chart: 'グラフ',
  no_chart: 'グラフにできません',
  no_chart_text: 'グラフには名前または時刻ごとの数値が必要です。例: stats count(*) by bin(1h)',
  left_out: '残り {n} 件は表でのみ表示',
  nothing: '該当する行がありません',
  nothing_text: 'この期間に条件を満たすものはありません。',
  copy_api: 'API 呼び出し',
  examples: 'クエリの例',
  ex_errors: '誰が何を拒否されたか',
  ex_console: '利用者・アドレス別のコンソールサインイン',
  ex_rate: 'ログ別・1 時間ごとのイベント数',
  ex_new_keys: '新しい利用者と認証情報',
  ex_talkers: '転送バイト数の多い通信の組み合わせ',
  ex_rejected: '多くのポートで拒否された送信元',
};
export default query;
