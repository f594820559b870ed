// Items whose text holds every letter typed, in order; whole words and starts of words come first.
export function rank<T>(items: readonly T[], typed: string, text_of: (item: T) => string): T[] {
  const wanted = typed.normalize('NFKC').toLowerCase().trim();
  if (!wanted) return [...items];
  return items
    .map((item, place) => ({ item, place, score: score(text_of(item).normalize('NFKC').toLowerCase(), wanted) }))
    .filter(({ score: points }) => points > 0)
    .sort((a, b) => b.score - a.score || a.place - b.place)
    .map(({ item }) => item);
}

function score(text: string, wanted: string): number {
  const at = text.indexOf(wanted);
  if (at === 0) return 4;
  if (at > 0) return /[\s:/_-]/.test(text[at - 1]!) ? 3 : 2;
  let from = 0;
  for (const letter of wanted.replace(/\s+/g, '')) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return 0;
  }
  return 1;
}
