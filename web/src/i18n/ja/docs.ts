import type { Words } from '../index.svelte';
import type en from '../en/docs';

const docs: Words<typeof en> = {
  title: 'リファレンス',
  intro: '使えるフィールドとクエリ言語の一覧です。プログラムに内蔵されており、ネットワークは不要です。',
  find: '名前・意味・ログの種類',
  fields: 'フィールド',
  language: 'クエリ言語',
  name: 'ログでの名前',
  meaning: '意味',
  type: '型',
  usage: '書き方',
  group: '種類',
  command: 'コマンド',
  no_word: '該当する語はありません',
};
export default docs;
