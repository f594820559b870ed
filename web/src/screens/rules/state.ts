import { list, one_of, text, whole } from '../../lib/url_codec';

export const kPage = 200;
export const kSorts = ['level', 'title', 'hits_24h', 'hits_7d', 'hits_total', 'cost'] as const;
export const spec = {
  text: text(),
  level: list(),
  status: list(),
  kind: list(),
  log_type: list(),
  enabled: one_of(['all', 'yes', 'no', 'custom'] as const, 'all'),
  sort: one_of(kSorts, 'hits_total'),
  order: one_of(['asc', 'desc'] as const, 'desc'),
  offset: whole(0),
  tab: one_of(['rules', 'exceptions', 'problems'] as const, 'rules'),
};
