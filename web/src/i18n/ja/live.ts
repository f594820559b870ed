import type { Words } from '../index.svelte';
import type en from '../en/live';

const live: Words<typeof en> = {
  title: 'ライブ',
  pause: '一時停止',
  resume: '再開',
  clear: '消去',
  freeze: '探索で開く',
  paused: '一時停止中（{n} 件が待機）',
  state_connecting: '接続中 …',
  state_open: '受信中',
  state_waiting: '切断されました。再接続しています',
  rate: '毎秒 {n} 件',
  lag: '遅れ {time}',
  total: 'レイク内 {n} 件',
  matched: '一致 {n} 件',
  dropped: '表示が追いつかず省略 {n} 件',
  nothing: 'イベントを待っています',
  nothing_text: 'レイクに入ったイベントがここに表示されます（直近 {n} 件まで）。\nフォルダーを追跡するには: yagura serve --lake {lake} --watch FOLDER',
};
export default live;
