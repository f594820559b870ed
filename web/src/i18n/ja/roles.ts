import type { Words } from '../index.svelte';
import type en from '../en/roles';

const roles: Words<typeof en> = {
  viewer: '閲覧者',
  analyst: '分析者',
  responder: '対応者',
  admin: '管理者',
};
export default roles;
