// Where addresses are and whose they are. Addresses that come on screen together are asked for together;
// what is known stays known. A failure leaves addresses bare.
//
//   const place = $derived(places.of('203.0.113.77'));     // undefined until it is known
//   place_sentence(place)                                   // "Tokyo, Japan · AS2516 KDDI CORPORATION"
import { t, type Key } from '../i18n/index.svelte';
import { context, get } from './api/client';
import { is_address } from './recognise';

export type Network = 'global' | 'private' | 'loopback' | 'link_local' | 'carrier' | 'aws_internal' | 'documentation' | 'benchmark' | 'multicast' | 'reserved';
export interface Place {
  network: Network;
  country?: string; // ISO 3166-1 alpha-2
  country_name?: string;
  city?: string;
  asn?: number;
  organisation?: string;
  aws_service?: string;
  aws_region?: string;
}
export interface PlaceSource {
  title: string;
  built?: string;
  file?: string; // for administrators
  problem?: string;
}
interface PlacesAnswer {
  items: { address: string; place: Place }[];
  sources: PlaceSource[];
}

const kTogether = 100; // addresses of one request
const kWait_ms = 30;
const kMost = 5000; // kept; then all is forgotten

class Places {
  #known = $state.raw<ReadonlyMap<string, Place | null>>(new Map());
  #wanted = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  of(address: string | null | undefined): Place | undefined {
    if (!address || !is_address(address)) return undefined;
    const key = `${context.language} ${address}`; // names of cities come in the language of the request
    const place = this.#known.get(key);
    if (place !== undefined) return place ?? undefined;
    this.#wanted.add(key);
    this.#timer ??= setTimeout(() => void this.#ask(), kWait_ms);
    return undefined;
  }

  async #ask() {
    this.#timer = undefined;
    const keys = [...this.#wanted].slice(0, kTogether);
    for (const key of keys) this.#wanted.delete(key);
    if (this.#wanted.size) this.#timer = setTimeout(() => void this.#ask(), kWait_ms);
    const address_of = (key: string) => key.slice(key.indexOf(' ') + 1);
    let found = new Map<string, Place>();
    try {
      const answer = await get<PlacesAnswer>('/places', { address: keys.map(address_of).join(',') });
      found = new Map(answer.items.map(({ address, place }) => [address, place]));
    } catch {
      // said by the screen itself, if it matters there
    }
    const next = new Map(this.#known.size > kMost ? [] : this.#known);
    for (const key of keys) next.set(key, found.get(address_of(key)) ?? null);
    this.#known = next;
  }
}
export const places = new Places();

// The reader's own word for a country; the database's when the browser has none.
export function country_name(place: Place): string {
  if (!place.country) return place.country_name ?? '';
  try {
    return new Intl.DisplayNames([context.language], { type: 'region', fallback: 'none' }).of(place.country) ?? place.country_name ?? place.country;
  } catch {
    return place.country_name ?? place.country;
  }
}

export const network_word = (place: Place) => t(`places.${place.network}` as Key);
export const where_of = (place: Place) => [place.city, country_name(place)].filter(Boolean).join(', ');
export const network_owner = (place: Place) => (place.asn === undefined ? '' : [`AS${place.asn}`, place.organisation].filter(Boolean).join(' '));
export const aws_words = (place: Place) => (place.aws_service ? ['AWS', place.aws_service === 'AMAZON' ? '' : place.aws_service, place.aws_region].filter(Boolean).join(' ') : '');

// Everything in one line; empty when nothing is known but that the address is a public one.
export const place_sentence = (place: Place | undefined) =>
  place ? [place.network === 'global' ? '' : network_word(place), where_of(place), network_owner(place), aws_words(place)].filter(Boolean).join(' · ') : '';
