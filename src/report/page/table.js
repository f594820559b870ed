// The table of matches: filter, sort, page, and a row's whole story on a click.

const PAGE = 100;
// Positions of a row's values; all but the first two, the ordinal and what a rule over several
// events says of them are indices into data.strings.
const COLUMN = {time: 0, rule: 1, principal: 2, source_ip: 3, event_name: 4, target: 5, error_code: 6, account: 7, region: 8,
  user_agent: 9, access_key: 10, event_id: 11, error_message: 12, log_type: 13, object: 14, ordinal: 15, correlation: 16};
const SHOWN = ['time', 'level', 'rule', 'principal', 'source_ip', 'event_name', 'target', 'error_code', 'account', 'region'];
const CELL = {rule: 'whole', source_ip: 'whole', event_name: 'whole', error_code: 'whole', account: 'time', region: 'time'};
const DETAILS = ['event_id', 'access_key', 'user_agent', 'error_message', 'log_type', 'object', 'ordinal'];

function value(row, column) {
  if (column === 'level') return data.rules[row[COLUMN.rule]].level;
  if (column === 'rule') return title(data.rules[row[COLUMN.rule]]);
  const raw = row[COLUMN[column]];
  return column === 'time' || column === 'ordinal' ? raw : text(raw);
}

const correlationText = (about) => [...about.group.map(([, value]) => value), ...about.events].join(' ').toLowerCase();

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
    return words.every((_, w) => ruleHits[w][row[1]] || row.some((id, i) => i >= 2 && i <= 14 && hits[w].has(id)) ||
      (row[COLUMN.correlation] && correlationText(row[COLUMN.correlation]).includes(words[w])));
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

// "count 12": what a rule over several events measured, beside its title.
const isCount = (about) => about.count !== undefined;
const measure = (about) => t(isCount(about) ? 'count' : 'value') + ' ' + number(isCount(about) ? about.count : about.value);

// Events of the page by id: those a rule over several events names may be listed here too.
const rowsById = new Map();
for (const row of data.rows) {
  const id = text(row[COLUMN.event_id]);
  if (id && !row[COLUMN.correlation]) rowsById.set(id, row);
}

function correlationElement(about) {
  const told = facts([...about.group.map(([key, value]) => ['group', key + ' = ' + value]),
    isCount(about) ? ['count', number(about.count)] : ['value', number(about.value)], ['when', span(about.first, about.last)]]);
  if (about.events.length === 0) return told;
  const known = about.events.map((id) => {
    const row = rowsById.get(id);
    const link = row ? make('a', {href: '#matches', onclick: (event) => { event.preventDefault(); goToMatches({search: id, rule: -1, tactic: -1, level: 0}); }}, id) : id;
    const cell = (column) => row ? value(row, column) : '';
    return [withClass('time')(row ? time(row[0]) : ''), link, cell('event_name'), cell('principal'), cell('source_ip'), cell('rule')];
  });
  return make('div', {}, told, make('h3', {}, t('evidence_events')),
    table([t('time'), t('event_id'), t('event_name'), t('principal'), t('source_ip'), t('rule')], known),
    about.events.length >= data.meta.events_kept ? make('p', {class: 'quiet'}, t('evidence_cut').replace('{0}', number(data.meta.events_kept))) : null);
}

function detailRow(row) {
  const rule = data.rules[row[1]];
  const event = facts(DETAILS.filter((column) => value(row, column) !== '').map((column) => [column, String(value(row, column))]));
  const about = facts([['rule', title(rule) + ' (' + rule.id + ')'], ['author', rule.author], ['description', description(rule)],
    ['false_positives', falsePositives(rule)], ['references', rule.references.join(' · ')]].filter(([, content]) => content));
  const correlation = row[COLUMN.correlation] ? correlationElement(row[COLUMN.correlation]) : null;
  return make('tr', {class: 'detail'}, make('td', {colspan: SHOWN.length}, correlation, event, about));
}

// Names of calls and errors may be broken between their words: GetAccount|Authorization|Details.
const isName = (column) => column === 'event_name' || column === 'error_code';
const parts = (column, text) => isName(column)
  ? (text.match(/[A-Z]+[^A-Z]*|[^A-Z]+/g) || []).flatMap((word) => [word, make('wbr')]) : text;

function matchRow(row) {
  const element = make('tr', {class: 'row', tabindex: 0}, SHOWN.map((column) => {
    if (column === 'level') return make('td', {}, badge(value(row, 'level')));
    if (column === 'time') return make('td', {class: 'time', title: new Date(row[0]).toString()}, time(row[0]));
    if (column === 'rule' && row[COLUMN.correlation]) return make('td', {class: 'whole'}, value(row, 'rule'), make('span', {class: 'chips measure'}, measure(row[COLUMN.correlation])));
    return make('td', {class: CELL[column]}, parts(column, String(value(row, column))));
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

byId('search').addEventListener('input', (event) => { Object.assign(state, {search: event.target.value, page: 0}); showMatches(); });
byId('previous').addEventListener('click', () => { --state.page; showMatches(); });
byId('next').addEventListener('click', () => { ++state.page; showMatches(); });
startPage(scanPage);
