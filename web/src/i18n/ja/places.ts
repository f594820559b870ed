import type { Words } from '../index.svelte';
import type en from '../en/places';

const places: Words<typeof en> = {
  global: 'グローバルアドレス',
  private: 'プライベートネットワーク',
  loopback: 'ループバック',
  link_local: 'リンクローカル',
  carrier: 'キャリアグレード NAT',
  aws_internal: 'インスタンス内の AWS エンドポイント',
  documentation: '文書用アドレス',
  benchmark: 'ベンチマーク用アドレス',
  multicast: 'マルチキャスト',
  reserved: '予約アドレス',
  where: '所在地',
  network: 'ネットワーク',
  owner: 'AS（自律システム）',
  aws: 'Amazon 所有',
  unknown: 'データベースに該当なし',
  no_data: 'アドレスのデータベースが未設定',
  no_data_tip: 'yagura serve の --geo に、GeoLite2・DB-IP・IPinfo のデータベース（MaxMind 形式）や AWS の ip-ranges.json のパスを指定してください。',
};
export default places;
