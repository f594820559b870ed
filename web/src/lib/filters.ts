// Filters as pills: what a reader clicked together, and the condition of the query language it means.
//
//   condition([{ field: 'source.ip', op: 'is', values: ['203.0.113.7'] }], 'errorCode like "Denied"')
//     → source.ip = "203.0.113.7" and (errorCode like "Denied")
//
// Fields stand by their ECS name where they have one: the same pill then means the same in every log type.
import { recognise } from './recognise';

export const ops = ['is', 'is_not', 'contains', 'not_contains', 'exists', 'missing'] as const;
export type Op = (typeof ops)[number];

export interface Filter {
  field: string;
  op: Op;
  values: string[]; // any of them; none for exists and missing
  off?: boolean;
}

// Not a field of any log: an address at either end of a connection.
export const kAddress = '@address';
const kEnds = ['source.ip', 'destination.ip'];

const kOpposite: Record<Op, Op> = { is: 'is_not', is_not: 'is', contains: 'not_contains', not_contains: 'contains', exists: 'missing', missing: 'exists' };
export const inverted = (filter: Filter): Filter => ({ ...filter, op: kOpposite[filter.op] });
export const takes_values = (op: Op) => op !== 'exists' && op !== 'missing';

export const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

// A field as the query language takes it: names beyond letters, digits, dots and _ stand in backquotes.
export const field_text = (name: string) => (/^@?[A-Za-z_][\w.]*$/.test(name) ? name : `\`${name.replaceAll('`', '')}\``);

function positive(field: string, filter: Filter): string {
  const name = field_text(field);
  if (!takes_values(filter.op)) return `ispresent(${name})`;
  const contains = filter.op === 'contains' || filter.op === 'not_contains';
  if (contains) return either(filter.values.map((value) => `${name} like ${pattern(value)}`));
  return filter.values.length === 1 ? `${name} = ${quoted(filter.values[0]!)}` : `${name} in [${filter.values.map(quoted).join(', ')}]`;
}

// Words are looked for whatever their case.
const pattern = (text: string) => `/(?i)${text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}/`;

const either = (parts: string[]) => (parts.length === 1 ? parts[0]! : `(${parts.join(' or ')})`);

export function filter_text(filter: Filter): string {
  const fields = filter.field === kAddress ? kEnds : [filter.field];
  const text = either(fields.map((field) => positive(field, filter)));
  const negative = filter.op === 'is_not' || filter.op === 'not_contains' || filter.op === 'missing';
  return negative ? `not (${text})` : text;
}

// Fields that words without an operator are looked for in.
const kMainFields = ['event.action', 'user.name', 'source.ip', 'target', 'error_code', 'user_agent.original'];

const kLooksLikeCondition = /[=<>()[\]"'`/]|\b(?:like|in|and|or|not|ispresent|isempty)\b/i;

// What somebody typed: a condition as it is; an address, key or id in the fields that hold such; words in the main fields.
export function typed_text(typed: string): string {
  const text = typed.trim();
  if (!text || kLooksLikeCondition.test(text)) return text;
  const meant = recognise(text, 'utc', 0);
  if (meant?.kind === 'address') return filter_text({ field: kAddress, op: 'is', values: [meant.value] });
  if (meant?.kind === 'key') return filter_text({ field: 'access_key_id', op: 'is', values: [meant.value] });
  if (meant?.kind === 'account') return filter_text({ field: 'cloud.account.id', op: 'is', values: [meant.value] });
  return either(kMainFields.map((field) => `${field_text(field)} like ${pattern(text)}`));
}

// The condition of everything together; '' when nothing is asked.
export function condition(filters: readonly Filter[], typed = '', accounts: readonly string[] = []): string {
  const parts = filters.filter((filter) => !filter.off && (!takes_values(filter.op) || filter.values.length > 0)).map(filter_text);
  const said = typed_text(typed);
  if (said) parts.push(parts.length || accounts.length ? `(${said})` : said);
  if (accounts.length) parts.push(filter_text({ field: 'cloud.account.id', op: 'is', values: [...accounts] }));
  return parts.join(' and ');
}

// Adds a value. A pill of the same field and meaning takes it in ("is A or B"); its opposite loses it.
export function with_value(filters: readonly Filter[], field: string, value: string, op: 'is' | 'is_not'): Filter[] {
  const opposite = kOpposite[op];
  const kept = filters
    .map((filter) => (filter.field === field && filter.op === opposite ? { ...filter, values: filter.values.filter((one) => one !== value) } : filter))
    .filter((filter) => !takes_values(filter.op) || filter.values.length > 0);
  const same = kept.find((filter) => filter.field === field && filter.op === op && !filter.off);
  if (!same) return [...kept, { field, op, values: [value] }];
  return kept.map((filter) => (filter === same && !filter.values.includes(value) ? { ...filter, values: [...filter.values, value] } : filter));
}

export const is_filters = (value: unknown): value is Filter[] =>
  Array.isArray(value) &&
  value.length <= 50 &&
  value.every((one: Partial<Filter>) => typeof one?.field === 'string' && ops.includes(one.op as Op) && Array.isArray(one.values) && one.values.every((text) => typeof text === 'string'));
