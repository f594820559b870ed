import { flag, list, one_of, text, whole } from '../../lib/url_codec';

export const kPage = 200;
export const kSorts = ['level', 'title', 'status', 'source', 'hits_24h', 'hits_7d', 'hits_total', 'cost', 'origin', 'author', 'error'] as const;
export const spec = {
  text: text(),
  level: list(),
  status: list(),
  kind: list(),
  source: list(),
  origin: list(),
  hits: list(),
  state: list(),
  blocks: flag(), // rules that only serve correlations, too
  sort: one_of(kSorts, 'hits_total'),
  order: one_of(['asc', 'desc'] as const, 'desc'),
  offset: whole(0),
  tab: one_of(['rules', 'exceptions', 'problems'] as const, 'rules'),
};
