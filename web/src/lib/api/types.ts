// What the server answers, shape by shape. The OpenAPI description at /api/v1/openapi.json says the same.
export type Time = string; // ISO 8601, UTC, microseconds
export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical';
export type Role = 'viewer' | 'analyst' | 'responder' | 'admin';
export type Status = 'new' | 'acknowledged' | 'suppressed' | 'closed';
export type Cell = null | boolean | number | string;

export interface Diagnostic {
  line?: number;
  column?: number;
  end_column?: number;
  severity: 'error' | 'warning' | 'note' | 'info';
  message: string;
  hint?: string;
}
export interface ApiErrorBody {
  code: 'invalid' | 'not_found' | 'unauthorized' | 'forbidden' | 'conflict' | 'limit' | 'busy' | 'cancelled' | 'unsupported' | 'internal' | 'throttled';
  message: string;
  diagnostics?: Diagnostic[];
}
export interface Session {
  authenticated: boolean;
  setup_required: boolean;
  name?: string;
  role?: Role;
  accounts?: string[] | null; // null: all
  csrf?: string;
  language?: 'en' | 'ja';
  version: string;
}
export interface Page<T> {
  items: T[];
  total: number;
}
export interface FacetValue {
  value: string;
  label?: string;
  count: number;
}

export interface Resource {
  value: string; // what filters take
  kind: string; // AWS::S3::Bucket
  title: string; // the kind in words
  name: string;
  account?: string;
  region?: string;
  arn?: string;
  entity?: string; // kind of its page
}
export interface TouchedResource extends Resource {
  count: number; // events about it
}
export interface Finding {
  id: string;
  rule_id: string;
  title: string;
  level: Level;
  author?: string;
  tags: string[];
  tactics: string[];
  techniques: { id: string; name: string }[];
  account: string;
  account_alias?: string;
  principal: string;
  source_ip: string;
  resources: TouchedResource[]; // in lists the first few
  resource_count: number;
  other_resources: number; // events about those not told apart
  count: number;
  failed: number;
  first: Time;
  last: Time;
  score: number;
  status: Status;
  assignee?: string;
  comments: number;
  sample: boolean;
  log_types: string[];
  grown?: number; // events since it was closed
  suppressed?: { exception_id?: string; owner?: string; reason: string; until?: Time };
}
export interface FindingEvent {
  time: Time;
  log_type: string;
  event_id?: string;
  object_id?: string;
  ordinal: number;
  event_name?: string;
  error_code?: string;
  region?: string;
}
export interface FindingDetail extends Omit<Finding, 'comments'> {
  description?: string;
  false_positives?: string[];
  references?: string[];
  rule_kind?: 'single' | 'correlation' | 'first_seen' | 'falco';
  rule_file?: string;
  rule_source?: string;
  events: FindingEvent[];
  comments: { time: Time; who: string; text: string }[];
  history: { time: Time; who: string; action: string; detail: string; undone?: boolean }[];
  related: Finding[];
}
export type FindingFacet = 'status' | 'level' | 'rule' | 'account' | 'principal' | 'source_ip' | 'resource' | 'tactic';
export interface FindingList extends Page<Finding> {
  suppressed?: number; // left out for being so
  facets: Partial<Record<FindingFacet, FacetValue[]>>;
}

export interface Ranked {
  value: string;
  count: number;
  findings: number;
  level: Level;
}
export interface RankedRule {
  rule_id: string;
  title: string;
  level: Level;
  findings: number;
  count: number;
}
export interface Source {
  log_type: string;
  account: string;
  account_alias?: string;
  region: string;
  first: Time;
  last: Time;
  events: number;
  events_24h: number;
  expected_interval_seconds?: number;
  lag_seconds?: number;
  silent: boolean;
  errors: number;
  line: number[];
}
export interface Overview {
  findings: { total: number; open: number; by_level: Partial<Record<Level, number>>; by_status: Partial<Record<Status, number>> };
  over_time: { bucket_seconds: number; starts: Time[]; series: { level: Level; counts: number[] }[] };
  top_rules: RankedRule[];
  top_principals: Ranked[];
  top_addresses: Ranked[];
  top_resources: (Resource & Omit<Ranked, 'value'>)[];
  top_accounts: { account: string; alias?: string; findings: number; count: number; level: Level }[];
  rarest: { rule_id: string; title: string; level: Level; count: number; last: Time }[];
  tactics: { id: string; name: string; findings: number; level?: Level }[];
  ingest: { events_total: number; last_event?: Time; last_ingest?: Time; events_24h_spark: number[]; lag_seconds?: number };
  changes: { since?: Time; new_findings: number; new_events: number; new_rules_hit: number; new_principals: number };
}
export interface Lake {
  log_types: { name: string; title: string; rows: number; bytes: number; first: Time; last: Time }[];
  accounts: { id: string; alias?: string }[];
  rows: number;
  bytes: number;
  sample: boolean; // rows of the bundled incident are among them
  path?: string; // for administrators who see every account
}
export interface Bucket {
  id: string;
  bucket: string;
  prefix: string;
  region: string;
  role_arn?: string;
  state: 'waiting';
  added_by: string;
  added: Time;
}
export interface Alias {
  account: string;
  alias: string;
  note?: string;
}
export interface Setup {
  password: boolean;
  sample: boolean;
  folders: { path: string; objects: number; last?: Time }[];
  empty: boolean;
  job?: { kind: string; done: number; total: number; error?: string };
}
export interface Field {
  name: string;
  column: string;
  ecs?: string;
  ocsf?: string;
  type: string;
  title: string;
  types: string[];
}
export interface Column {
  name: string;
  type: string;
}
export interface View {
  id: string;
  kind: 'discover' | 'query' | 'findings';
  name: string;
  state: string;
  query?: string;
  owner: string;
  shared: boolean;
  updated: Time;
}
export interface ExplainNode {
  label: string;
  ok: boolean;
  field?: string;
  values?: string[];
  found?: string;
  nearest?: string;
  children?: ExplainNode[];
}
export interface Counters {
  events_total: number;
  events_per_second: number;
  lag_seconds: number;
  objects: number;
  faults: number;
  findings_total: number;
}
