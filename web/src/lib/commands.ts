// What a view shows, asked from a terminal: the same question for the CLI or the API, ready to paste.
//
//   cli_query({ query, types, range })   yagura query --lake '/srv/lake' --type cloudtrail --since 24h 'filter …'
//   api_get('/findings', params)         curl -H "Authorization: Bearer $YAGURA_TOKEN" 'https://…/api/v1/findings?…'
//
// The folder of the lake is told to administrators who see every account; for others it stays LAKE. A token is never
// written out; until there is a password nobody needs one.
import { accounts } from './accounts.svelte';
import { api_url, type Params } from './api/client';
import { range } from './range.svelte';
import { here } from './router.svelte';
import { session } from './session.svelte';
import { iso, span_of, write_range } from './time_range';
import { set_or_delete } from './url_codec';

// A shell takes nothing inside '…' as its own but the quote itself.
export const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

export const lake_folder = () => quoted(accounts.lake?.path ?? 'LAKE');

export interface Asked {
  query: string;
  types: readonly string[];
  range: { from?: string; to?: string; since?: string };
}

export function cli_query({ query, types, range }: Asked): string {
  const span = Object.entries(range).map(([key, value]) => `--${key} ${quoted(value)}`);
  return ['yagura query --lake', lake_folder(), ...(types.length ? [`--type ${quoted(types.join(','))}`] : []), ...span, quoted(query)].join(' ');
}

// Until then a question that is posted carries the page's own mark, as every change does.
const curl = (posts = false) => {
  if (!session.now?.setup_required) return 'curl -H "Authorization: Bearer $YAGURA_TOKEN"';
  return posts ? `curl -H ${quoted(`X-Yagura-CSRF: ${session.now.csrf ?? ''}`)}` : 'curl';
};

export const api_get = (path: string, params: Params = {}) => `${curl()} ${quoted(location.origin + api_url(path, params))}`;

export const api_query = ({ query, types, range }: Asked) =>
  `${curl(true)} ${quoted(`${location.origin}${api_url('/query')}`)} -d ${quoted(JSON.stringify({ query, ...(types.length ? { types } : {}), ...range }))}`;

// This view as an address whose times stay: "the last 24 hours" becomes from and to.
export function fixed_link(): string {
  const search = new URLSearchParams(here.search);
  const span = span_of(range.now, Date.now());
  const fixed: Record<string, string | null> = span ? write_range({ kind: 'absolute', from: iso(span.from), to: iso(span.to) }) : {};
  for (const [key, value] of Object.entries(fixed)) set_or_delete(search, key, value);
  const text = search.toString();
  return `${location.origin}${here.path}${text ? `?${text}` : ''}`;
}
