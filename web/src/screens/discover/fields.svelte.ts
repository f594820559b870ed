// The dictionary of the chosen log types. A field goes by its ECS name where it has one, so that what is
// asked of it means the same everywhere.
import { get } from '../../lib/api/client';
import type { Field } from '../../lib/api/types';
import { resource } from '../../lib/resource.svelte';

export const name_of = (field: Field) => field.ecs || field.name;

export function dictionary(types: () => string[]) {
  const answer = resource(
    () => ({ types: types() }),
    (asked, signal) => get<{ items: Field[] }>('/fields', asked, signal),
  );
  const by_name = $derived.by(() => {
    const all = new Map<string, Field>();
    for (const field of answer.value?.items ?? []) {
      for (const name of [field.column, field.name, name_of(field)]) if (name && !all.has(name)) all.set(name, field);
    }
    return all;
  });
  return {
    get all() {
      return answer.value?.items ?? [];
    },
    find: (name: string) => by_name.get(name),
    is_address: (name: string) => by_name.get(name)?.type === 'ip',
    // The heading of a column: AWS's own name when there is only one log type.
    heading: (name: string) => (types().length === 1 ? (by_name.get(name)?.name ?? name) : name),
  };
}
export type Dictionary = ReturnType<typeof dictionary>;
