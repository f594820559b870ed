// The summary per principal: ranked cards, each with its calls, addresses, Regions, keys and user agents.

const VALUES = 10;  // of each kind, before "show all"; of calls as many security-relevant ones as there are, at most GRAVE
const GRAVE = 24;
Object.assign(state, {search: ''});

// Positions in a value.
const VALUE = {text: 0, count: 1, first: 2, last: 3, reason: 4};
const listed = (principal, key) => principal.values[data.aspects.findIndex((aspect) => aspect.key === key)];

function showFacts() {
  const meta = data.meta;
  const told = [meta.inputs.join(', ')];
  if (meta.first !== null) told.push(span(meta.first, meta.last) + ' UTC');
  told.push(number(meta.objects) + ' ' + t('objects'), number(meta.records) + ' ' + t('records'));
  byId('subtitle').textContent = told.join(' · ');
  showNotices(data.notices.map(inLanguage));
  const tile = (label, count, level) => make('div', {class: 'tile ' + level}, make('span', {class: 'quiet'}, t(label)), make('b', {}, number(count)));
  const kinds = new Set(data.principals.flatMap((principal) => principal.values.flat()
    .filter((value) => value[VALUE.reason] !== undefined).map((value) => value[VALUE.text])));
  byId('tiles').replaceChildren(tile('who_principals', data.principals_total, 'informational'), tile('events', meta.events, 'informational'),
    tile('failed_events', meta.failed, meta.failed ? 'medium' : 'informational'), tile('sensitive', kinds.size, kinds.size ? 'high' : 'informational'));
}

// Where in the whole time of the logs the principal was active.
function activity(principal) {
  const whole = Math.max(1, data.meta.last - data.meta.first);
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'activity');
  svg.setAttribute('viewBox', '0 0 100 6');
  svg.setAttribute('preserveAspectRatio', 'none');
  const bar = (name, from, to) => {
    const rect = document.createElementNS(svg.namespaceURI, 'rect');
    const width = Math.max(1, (to - from) * 100 / whole);
    for (const [key, value] of Object.entries({class: name, x: Math.min(100 - width, (from - data.meta.first) * 100 / whole), y: 0, width, height: 6})) rect.setAttribute(key, value);
    svg.append(rect);
  };
  bar('whole', data.meta.first, data.meta.last);
  bar('part', principal.first, principal.last);
  const words = document.createElementNS(svg.namespaceURI, 'title');
  words.textContent = span(principal.first, principal.last) + ' UTC';
  svg.append(words);
  return svg;
}

function valueRows(values, largest) {
  return values.map((value) => {
    const reason = value[VALUE.reason] === undefined ? null : make('span', {class: 'reason'}, inLanguage(data.reasons[value[VALUE.reason]]));
    const share = make('progress', {max: largest, value: value[VALUE.count], 'aria-hidden': 'true'});
    return make('tr', {class: reason ? 'grave' : ''}, make('td', {class: 'number'}, number(value[VALUE.count])), make('td', {class: 'share'}, share),
      make('td', {}, make('span', {class: 'long', title: value[VALUE.text]}, value[VALUE.text]), reason), make('td', {class: 'time'}, span(value[VALUE.first], value[VALUE.last])));
  });
}

function aspectElement(principal, index) {
  const aspect = data.aspects[index], values = principal.values[index], left = principal.left[index];
  const hidden = aspect.key === 'access_keys' ? principal.hidden_keys : 0;
  if (values.length === 0 && hidden === 0) return null;
  const largest = Math.max(...values.map((value) => value[VALUE.count]), 1);
  // Security-relevant calls come first.
  const grave = values.filter((value) => value[VALUE.reason] !== undefined).length;
  const shown = Math.max(VALUES, Math.min(grave, GRAVE));
  const body = make('tbody', {}, valueRows(values.slice(0, shown), largest));
  const rest = values.length > shown ? make('p', {}, make('button', {type: 'button', onclick: () => {
    body.replaceChildren(...valueRows(values, largest));
    rest.remove();
  }}, t('all_values').replace('{0}', number(values.length)))) : null;
  return make('div', {class: 'aspect'}, make('h3', {}, inLanguage(aspect.title), make('span', {class: 'chips'}, ' ' + number(values.length + left))),
    values.length ? make('div', {class: 'scroll'}, make('table', {}, body)) : null, rest,
    left ? make('p', {class: 'quiet'}, t('left_values').replace('{0}', number(left))) : null,
    hidden ? make('p', {class: 'quiet'}, inLanguage(principal.hidden_text)) : null);
}

function principalElement(principal, open) {
  const level = principal.sensitive ? 'high' : 'informational';
  const places = [...listed(principal, 'addresses').slice(0, 3), ...listed(principal, 'regions').slice(0, 3)].map((value) => value[VALUE.text]);
  const summary = make('summary', {},
    make('span', {}, make('span', {class: 'badge', title: t('sensitive')}, t('sensitive_short').replace('{0}', number(principal.sensitive)))),
    make('span', {class: 'name'}, principal.name, principal.account ? make('span', {class: 'chips'}, ' ' + principal.account) : null),
    make('span', {class: 'chips'}, places.join(' · ')),
    make('span', {class: 'when'}, activity(principal)),
    make('span', {class: 'score'}, number(principal.events)));
  const details = make('details', {class: 'story who ' + level}, summary);
  // Built when opened: a page with hundreds of principals stays light.
  details.fill = () => {
    if (details.children.length > 1) return;
    const about = facts([['active', span(principal.first, principal.last) + ' UTC'],
      ['events', number(principal.events) + (principal.failed ? ' (' + number(principal.failed) + ' ' + t('failed') + ')' : '')]]);
    details.append(make('div', {class: 'body'}, about, make('div', {class: 'aspects'}, data.aspects.map((_, i) => aspectElement(principal, i)))));
  };
  details.addEventListener('toggle', () => { if (details.open) details.fill(); });
  if (open) { details.fill(); details.open = true; }
  return details;
}

// Each word of the search must be in the name, the account or one of the values.
function chosenPrincipals() {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  return data.principals.filter((principal) => words.every((word) =>
    [principal.name, principal.account, ...principal.values.flat().map((value) => value[VALUE.text])].some((text) => (text || '').toLowerCase().includes(word))));
}

function showPrincipals() {
  const chosen = chosenPrincipals();
  const head = make('div', {class: 'story who heads quiet'}, make('span', {}, t('sensitive')), make('span', {}, t('principal')), make('span', {}, t('source_ip') + ' · ' + t('region')),
    make('span', {}, t('active')), make('span', {class: 'score'}, t('events')));
  byId('principal-rows').replaceChildren(...(chosen.length ? [head, ...chosen.map((principal, i) => principalElement(principal, i === 0))] : [make('p', {class: 'quiet'}, t('nothing'))]));
  byId('shown').textContent = t('who_shown').replace('{0}', number(chosen.length)).replace('{1}', number(data.principals_total));
  const left = data.principals_total - data.principals.length;
  byId('left-out').textContent = left > 0 ? t('left_principals').replace('{0}', number(left)) : '';
  writeAddress();
}

byId('search').addEventListener('input', (event) => { state.search = event.target.value; showPrincipals(); });
startPage({
  title: 'who',
  read(key, value) { if (key === 'search') state.search = value; },
  write(query) { if (state.search) query.set('search', state.search); },
  show() {
    const search = byId('search');
    search.placeholder = t('who_search');
    search.setAttribute('aria-label', t('who_search'));
    if (search.value !== state.search) search.value = state.search;
    showFacts();
    showPrincipals();
  },
});
