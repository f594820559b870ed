// Questions to begin with.
import type { Key } from '../../i18n/index.svelte';

export const kExamples: readonly { title: Key; query: string }[] = [
  { title: 'query.ex_errors', query: 'filter ispresent(errorCode)\n| stats count(*) as n by errorCode, user.name\n| sort n desc\n| limit 25' },
  { title: 'query.ex_console', query: 'filter eventName = "ConsoleLogin"\n| stats count(*) as n, min(@timestamp) as first, max(@timestamp) as last by user.name, source.ip' },
  { title: 'query.ex_rate', query: 'stats count(*) as n by bin(1h), @log' },
  { title: 'query.ex_new_keys', query: 'filter eventName in ["CreateAccessKey", "CreateUser", "CreateLoginProfile"]\n| fields @timestamp, eventName, user.name, source.ip, target\n| sort @timestamp desc' },
  { title: 'query.ex_talkers', query: 'stats sum(bytes) as total by srcAddr, dstAddr\n| sort total desc\n| limit 20' },
  { title: 'query.ex_rejected', query: 'filter action = "REJECT"\n| stats count(*) as n, count_distinct(dstPort) as ports by srcAddr\n| sort ports desc\n| limit 20' },
];
