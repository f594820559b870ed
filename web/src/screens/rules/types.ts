import type { Diagnostic, ExplainNode, FacetValue, Level, Page } from '../../lib/api/types';

export interface Rule {
  id: string;
  title: string;
  level: Level;
  status: string;
  kind: 'single' | 'correlation' | 'first_seen' | 'falco';
  author?: string;
  tags: string[];
  tactics: string[];
  log_source: string;
  enabled: boolean;
  custom: boolean;
  file: string;
  hits_24h: number;
  hits_7d: number;
  hits_total: number;
  cost_ns?: number;
  error?: string;
}
export interface RuleDetail extends Rule {
  text: string;
  hash?: string; // of the text, so that nobody's change is written over
  description?: string;
  references?: string[];
  false_positives?: string[];
  line: number[];
}
export interface RuleList extends Page<Rule> {
  facets: Partial<Record<'level' | 'status' | 'kind' | 'log_type', FacetValue[]>>;
}
export interface TestAnswer {
  matches: number;
  examples: { time: string; event_name?: string; principal?: string; source_ip?: string; ptr?: string }[];
  explain?: ExplainNode;
  elapsed_ms: number;
}
export interface Exception {
  id: string;
  owner: string;
  reason: string;
  expires?: string;
  mode: string;
  rules: string[];
  when?: unknown;
  hits: number;
  expired: boolean;
}
export type Notes = { notes: (Diagnostic & { file?: string })[] };
