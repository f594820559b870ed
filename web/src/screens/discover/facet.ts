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

// Ids and the like: their commonest values say nothing. Few values are simply shown, whatever they are.
export type Differing = 'every' | 'nearly' | undefined;
export function differing(facet: Facet): Differing {
  const kMany = 1000;
  const kNearly = 0.9;
  if (facet.distinct <= facet.values.length) return undefined;
  if (facet.values[0]?.count === 1) return 'every';
  return facet.distinct > kMany && facet.distinct > kNearly * (facet.counted - facet.missing) ? 'nearly' : undefined;
}
