// The table of matches: filter, sort, page, and a row's whole story on a click.

const PAGE = 100;
// Positions of a row's values; all but the first two and the last are indices into data.strings.
const COLUMN = {time: 0, rule: 1, principal: 2, source_ip: 3, event_name: 4, target: 5, error_code: 6, account: 7, region: 8,
  user_agent: 9, access_key: 10, event_id: 11, error_message: 12, log_type: 13, object: 14, ordinal: 15};
const SHOWN = ['time', 'level', 'rule', 'principal', 'source_ip', 'event_name', 'target', 'error_code', 'account', 'region'];
const DETAILS = ['event_id', 'access_key', 'user_agent', 'error_message', 'log_type', 'object', 'ordinal'];

function value(row, column) {
  if (column === 'level') return data.rules[row[COLUMN.rule]].level;
  if (column === 'rule') return title(data.rules[row[COLUMN.rule]]);
  const raw = row[COLUMN[column]];
  return column === 'time' || column === 'ordinal' ? raw : text(raw);
}

// Rows that pass the filters, sorted. The search looks at every text of a row, whole words or parts of them.
function chosenRows() {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = words.map((word) => new Set(data.strings.flatMap((string, i) => string.toLowerCase().includes(word) ? [i] : [])));
  const ruleHits = words.map((word) => data.rules.map((rule) =>
    (rule.title + ' ' + rule.title_ja + ' ' + rule.id + ' ' + rule.author + ' ' + rule.techniques.join(' ')).toLowerCase().includes(word)));
  const rows = data.rows.filter((row) => {
    const rule = data.rules[row[1]];
    if (rule.level < state.level || (state.rule >= 0 && row[1] !== state.rule)) return false;
    if (state.tactic >= 0 && !rule.tactics.includes(state.tactic)) return false;
    return words.every((_, w) => ruleHits[w][row[1]] || row.some((id, i) => i >= 2 && i <= 14 && hits[w].has(id)));
  });
  const sign = state.descending ? -1 : 1;
  if (state.sort !== 'time' || state.descending) {
    rows.sort((a, b) => {
      const x = value(a, state.sort), y = value(b, state.sort);
      return (x < y ? -1 : x > y ? 1 : a[0] - b[0]) * sign;
    });
  }
  return rows;
}

function sortHeading(column) {
  const arrow = state.sort === column ? (state.descending ? ' ↓' : ' ↑') : '';
  const button = make('button', {type: 'button', onclick: () => {
    state.descending = state.sort === column ? !state.descending : column === 'level';
    state.sort = column;
    state.page = 0;
    showMatches();
  }}, t(column) + arrow);
  return make('th', {scope: 'col', 'aria-sort': state.sort === column ? (state.descending ? 'descending' : 'ascending') : undefined}, button);
}

function detailRow(row) {
  const rule = data.rules[row[1]];
  const facts = make('dl', {}, DETAILS.filter((column) => value(row, column) !== '').map((column) =>
    [make('dt', {}, t(column)), make('dd', {}, String(value(row, column)))]));
  const about = make('dl', {}, [['rule', title(rule) + ' (' + rule.id + ')'], ['author', rule.author], ['description', description(rule)],
    ['false_positives', falsePositives(rule)], ['references', rule.references.join(' · ')]]
    .filter(([, content]) => content).map(([key, content]) => [make('dt', {}, t(key)), make('dd', {}, content)]));
  return make('tr', {class: 'detail'}, make('td', {colspan: SHOWN.length}, facts, about));
}

function matchRow(row) {
  const element = make('tr', {class: 'row', tabindex: 0}, SHOWN.map((column) => {
    if (column === 'level') return make('td', {}, badge(value(row, 'level')));
    if (column === 'time') return make('td', {class: 'time', title: new Date(row[0]).toString()}, time(row[0]));
    return make('td', {}, value(row, column));
  }));
  const toggle = () => {
    if (element.nextSibling && element.nextSibling.className === 'detail') element.nextSibling.remove();
    else element.after(detailRow(row));
  };
  element.addEventListener('click', () => { if (String(getSelection()) === '') toggle(); });
  element.addEventListener('keydown', (event) => { if (event.key === 'Enter') toggle(); });
  return element;
}

function showFilters() {
  byId('level-filter').replaceChildren(...[4, 3, 2, 1, 0].map((level) => make('button', {
    type: 'button', 'aria-pressed': String(state.level === level), onclick: () => { Object.assign(state, {level, page: 0}); showMatches(); },
  }, levelName(level) + (level < 4 ? '+' : ''))), ' ');
  const chip = (label, clear) => make('button', {type: 'button', 'aria-pressed': 'true', onclick: () => { Object.assign(state, clear, {page: 0}); showAll(); }}, label + ' ×');
  byId('other-filters').replaceChildren(
    state.tactic >= 0 ? chip(tacticName(state.tactic), {tactic: -1}) : '', ' ',
    state.rule >= 0 ? chip(title(data.rules[state.rule]), {rule: -1}) : '');
  const search = byId('search');
  search.placeholder = t('search');
  search.setAttribute('aria-label', t('search'));
  if (search.value !== state.search) search.value = state.search;
}

function showMatches() {
  showFilters();
  const rows = chosenRows();
  const pages = Math.max(1, Math.ceil(rows.length / PAGE));
  state.page = Math.min(state.page, pages - 1);
  const head = make('tr', {}, SHOWN.map(sortHeading));
  const body = rows.slice(state.page * PAGE, (state.page + 1) * PAGE).map(matchRow);
  byId('match-rows').replaceChildren(rows.length === 0 ? make('p', {class: 'quiet'}, t('nothing_chosen')) :
    make('div', {class: 'scroll'}, make('table', {}, make('thead', {}, head), make('tbody', {}, body))));
  byId('shown').textContent = t('rows_shown').replace('{0}', number(rows.length)).replace('{1}', number(data.rows_total));
  byId('page').textContent = number(state.page + 1) + ' / ' + number(pages);
  byId('previous').disabled = state.page === 0;
  byId('next').disabled = state.page + 1 >= pages;
  writeAddress();
}

function showAll() {
  document.documentElement.lang = state.lang;
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const button of document.querySelectorAll('[data-lang]')) button.setAttribute('aria-pressed', String(button.dataset.lang === state.lang));
  document.title = 'Yagura · ' + t('title');
  for (const show of [showOverview, showSpark, showTactics, showStories, showPlaces, showRules, showUnreadable, showMatches]) show();
}

for (const button of document.querySelectorAll('[data-lang]')) {
  button.addEventListener('click', () => { state.lang = button.dataset.lang; showAll(); });
}
byId('search').addEventListener('input', (event) => { Object.assign(state, {search: event.target.value, page: 0}); showMatches(); });
byId('previous').addEventListener('click', () => { --state.page; showMatches(); });
byId('next').addEventListener('click', () => { ++state.page; showMatches(); });
addEventListener('beforeprint', () => document.querySelectorAll('details.story').forEach((story) => { story.fill(); story.open = true; }));
readAddress();
showAll();
