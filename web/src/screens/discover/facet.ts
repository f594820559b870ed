// The commonest values of a field, as POST /facets answers.
export interface Facet {
  field: string;
  distinct: number;
  missing: number;
  counted: number; // events looked at; every number is exact for these
  approximate: boolean; // more were not looked at yet
  share?: number; // of the rows, looked at so far; only for who sees every account
  values: { value: string; count: number }[];
}

// How early an answer about part of the events is wanted.
export const kPatience_ms = 300;

// Of ids and the like the commonest values say nothing, of whole requests little: neither is worth the seconds that
// counting to the end takes, unless somebody says so. Few values are simply shown, whatever they are.
export type Differing = 'every' | 'most' | undefined;
export function differing(facet: Facet): Differing {
  const kMany = 1000;
  const kMost = 0.5;
  if (facet.distinct <= facet.values.length) return undefined;
  if (facet.values[0]?.count === 1) return 'every';
  return facet.distinct > kMany && facet.distinct > kMost * (facet.counted - facet.missing) ? 'most' : undefined;
}
