// The list as it is shown, as a file.
import type { Finding } from '../../lib/api/types';
import { download, to_csv, to_json_lines } from '../../lib/export';

const kColumns = ['id', 'level', 'title', 'rule_id', 'account', 'account_alias', 'principal', 'source_ip', 'count', 'failed', 'first', 'last', 'status', 'assignee'] as const;

const rows = (items: readonly Finding[]) => items.map((item) => [...kColumns.map((column) => item[column]), item.tactics.join(' '), item.resources.map((one) => one.value).join(' ')]);
const head = [...kColumns, 'tactics', 'resources'];

export const export_csv = (items: readonly Finding[]) => download('findings.csv', to_csv(head, rows(items)), 'text/csv');
export const export_json_lines = (items: readonly Finding[]) => download('findings.jsonl', to_json_lines(head, rows(items)), 'application/x-ndjson');
