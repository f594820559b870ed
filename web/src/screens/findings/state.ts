// What the address says about the list of findings, and how it is asked of the server.
import type { FindingFacet } from '../../lib/api/types';
import { list, one_of, text, whole, type StateOf } from '../../lib/url_codec';

export const kPage = 200;
export const facets: readonly FindingFacet[] = ['status', 'level', 'rule', 'principal', 'source_ip', 'resource', 'account', 'tactic'];
export const sorts = ['score', 'level', 'last', 'first', 'count', 'rarest'] as const;

// `status`: nothing is everything still open, `all` is all.
export const spec = {
  status: list(),
  level: list(),
  rule: list(),
  principal: list(),
  source_ip: list(),
  resource: list(),
  account: list(),
  tactic: list(),
  type: list(),
  new: one_of(['', '1', 'rule', 'principal'] as const, ''), // since the last visit: any, of new rules, of new principals
  text: text(),
  sort: one_of(sorts, 'score'),
  order: one_of(['desc', 'asc'], 'desc'),
  offset: whole(0),
  open: text(),
  tab: one_of(['evidence', 'rule', 'history', 'related'], 'evidence'),
};
export type FindingsState = StateOf<typeof spec>;

export const is_open_only = (state: FindingsState) => state.status.length === 0;

export function request(state: FindingsState) {
  const { new: fresh, level, rule, principal, source_ip, resource, account, tactic, type, text: words, sort, order, offset } = state;
  const status = is_open_only(state) ? ['open'] : state.status;
  // Every order begins with what matters most of its kind; only the other way round is said.
  return { new: fresh || undefined, status, level, rule, principal, source_ip, resource, account, tactic, type, text: words, sort, order: order === 'asc' ? order : undefined, offset, limit: kPage };
}
