import type { Diagnostic, ExplainNode, FacetValue, Level, Page } from '../../lib/api/types';

interface Choice { who: string; when: string; reason: string }
export interface Rule {
  id: string;
  title: string;
  level: Level;
  own_level?: Level; // what the rule itself says, when it was given another one here
  tuned?: Choice;
  status: string;
  kind: 'single' | 'correlation' | 'first_seen' | 'falco' | 'filter';
  author?: string;
  tags: string[];
  tactics: string[];
  log_source: string;
  enabled: boolean;
  disabled?: Choice;
  custom: boolean;
  replaces: boolean;
  building_block: boolean; // reports nothing itself: correlations look at its matches
  origin: 'shipped' | 'added' | 'own';
  file: string;
  hits_24h: number | null; // null: not known
  hits_7d: number | null;
  hits_total: number | null;
  cost_ns?: number; // per event, measured on a sample
  cost_events?: number; // so many
  needed_by?: { id: string; title: string }[];
  error?: string;
}
export interface RuleDetail extends Rule {
  text: string;
  version: string; // of the text, so that nobody's change is written over
  original_text?: string;
  description?: string;
  references?: string[];
  false_positives?: string[];
  line?: number[];
  filters?: { id: string; title: string; file: string }[];
}
export type RuleFacet = 'level' | 'kind' | 'source' | 'status' | 'origin' | 'hits' | 'state';
export interface RuleList extends Page<Rule> {
  blocks: number;
  problems: number;
  facets: Partial<Record<RuleFacet, FacetValue[]>>;
}
export interface TestAnswer {
  matches: number; // that would be told
  held_back?: number; // by exceptions
  events: number;
  examples: { time: string; log_type: string; event_name?: string; account?: string; principal?: string; source_ip?: string; ptr?: string }[];
  from?: string;
  to?: string;
  note?: string;
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
  titles: string[]; // of those rules; empty where there is none of that id
  when: string;
  hits: number;
  expired: boolean;
}
export type Notes = { notes: (Diagnostic & { file?: string })[] };
