import type { Words } from '../index.svelte';
import type en from '../en/entity';

const entity: Words<typeof en> = {
  title: 'エンティティ',
  kind_address: 'IP アドレス',
  kind_principal: 'プリンシパル',
  kind_key: 'アクセスキー',
  kind_session: 'ロールセッション',
  kind_instance: 'インスタンス',
  kind_bucket: 'バケット',
  kind_account: 'アカウント',
  kind_user_agent: 'ユーザーエージェント',
};
export default entity;
