// The buckets kept for the S3 collector, and what may be done with them.
import { get, send } from '../../lib/api/client';
import type { Bucket, Page } from '../../lib/api/types';
import { resource } from '../../lib/resource.svelte';

export interface BucketDraft {
  id?: string; // of the one that is changed
  bucket: string;
  prefix: string;
  region: string;
  role_arn: string;
}

export function buckets() {
  const known = resource(() => 0, (_, signal) => get<Page<Bucket>>('/buckets', {}, signal));
  const take = (answer: Page<Bucket>) => known.put(answer);
  const body = ({ bucket, prefix, region, role_arn }: BucketDraft) => ({ bucket, prefix, region, ...(role_arn ? { role_arn } : {}) });
  return {
    get items() {
      return known.value?.items ?? [];
    },
    get error() {
      return known.error;
    },
    reload: known.reload,
    keep: async (draft: BucketDraft) => take(await (draft.id ? send<Page<Bucket>>('PUT', `/buckets/${draft.id}`, body(draft)) : send<Page<Bucket>>('POST', '/buckets', body(draft)))),
    remove: async (bucket: Bucket) => take(await send<Page<Bucket>>('DELETE', `/buckets/${bucket.id}`)),
  };
}
export type Buckets = ReturnType<typeof buckets>;
