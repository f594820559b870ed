import type { Finding, Time } from '../../lib/api/types';
import type { EntityKind } from '../../lib/recognise';

export interface Counted {
  value: string;
  count: number;
}
export interface EntityAnswer {
  kind: EntityKind;
  value: string;
  is_private?: boolean;
  aws_owned?: boolean;
  country?: string;
  first?: Time;
  last?: Time;
  events: number;
  log_types: { name: string; count: number }[];
  apis: { name: string; success: number; failed: number }[];
  line: { bucket_seconds: number; starts: Time[]; counts: number[]; failed: number[] };
  accounts: Counted[];
  regions: Counted[];
  principals: Counted[];
  addresses: Counted[];
  keys: Counted[];
  user_agents: Counted[];
  errors: Counted[];
  findings: Finding[];
}

// The field that holds each kind in the log types that know it, as filters name it.
export const kFieldOf: Record<EntityKind, string> = {
  address: '@address',
  principal: 'user.name',
  key: 'access_key_id',
  session: 'user_arn',
  role: 'session_issuer_name',
  instance: 'cloud.instance.id',
  bucket: 's3_bucket',
  account: 'cloud.account.id',
  user_agent: 'user_agent.original',
};
