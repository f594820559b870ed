// Ranked principals and addresses with their evidence; accounts, Regions, rules; what could not be read.

const EVIDENCE = 10;

// The strongest evidence; the rest on demand.
function evidenceTable(story) {
  const whole = make('div', {}, evidenceRows(story.evidence.slice(0, EVIDENCE)));
  if (story.evidence.length > EVIDENCE) {
    const more = make('button', {type: 'button', onclick: () => whole.replaceChildren(evidenceRows(story.evidence))},
      t('more').replace('{0}', number(story.evidence.length - EVIDENCE)));
    whole.append(make('p', {}, more));
  }
  return whole;
}

function evidenceRows(evidence) {
  return table([t('level'), numberHeading(t('matches_short')), numberHeading(t('failed')), t('rule'), t('author'), t('example'), t('when')],
    evidence.map((row) => {
      const rule = data.rules[row.rule];
      return [badge(rule.level), numberCell(row.count), numberCell(row.failed), ruleLink(row.rule), rule.author,
        [text(row.event), text(row.target)].filter(Boolean).join(' · '), withClass('time')(span(row.first, row.last))];
    }));
}

function ruleLink(index) {
  return make('a', {href: '#matches', onclick: (event) => {
    event.preventDefault();
    goToMatches({rule: index, level: Math.min(state.level, data.rules[index].level)});
  }}, title(data.rules[index]));
}

function storyElement(story, counterparts, open) {
  const name = text(story.entity);
  const summary = make('summary', {},
    make('span', {}, badge(story.level)),
    make('span', {class: 'name'}, name, story.account ? make('span', {class: 'chips'}, ' ' + text(story.account)) : null,
      story.place ? make('span', {class: 'chips'}, ' ' + story.place) : null),
    make('span', {class: 'chips'}, story.tactics.map(tacticName).join(' › ')),
    make('span', {class: 'when quiet'}, time(story.first).slice(0, 10) + (time(story.first).slice(0, 10) === time(story.last).slice(0, 10) ? '' : ' → ' + time(story.last).slice(5, 10))),
    make('span', {class: 'score'}, number(Math.round(story.score))));
  const about = facts([
    ['when', span(story.first, story.last) + ' UTC'],
    ['matches_short', number(story.matches) + (story.failed ? ' (' + number(story.failed) + ' ' + t('failed') + ')' : '')],
    [counterparts, story.counterparts.map(text).join(', ') + (story.more ? ' (+' + number(story.more) + ')' : '')],
    ...(story.accounts.length > 1 ? [['accounts', story.accounts.map(text).join(', ')]] : [])]);
  const only = make('button', {type: 'button', onclick: () => goToMatches({search: name})}, t('show_matches'));
  const details = make('details', {class: 'story ' + LEVELS[story.level]}, summary);
  // Built when opened: a page with a hundred stories stays light.
  const fill = () => { if (details.children.length === 1) details.append(make('div', {class: 'body'}, about, evidenceTable(story), make('p', {}, only))); };
  details.addEventListener('toggle', () => { if (details.open) fill(); });
  details.fill = fill;
  if (open) { fill(); details.open = true; }
  return details;
}

function showStories() {
  for (const [id, stories, counterparts] of [['principal-stories', data.principals, 'source_ip'], ['address-stories', data.addresses, 'principal']]) {
    const rows = stories.map((story, i) => storyElement(story, counterparts, i === 0 && id === 'principal-stories'));
    const more = data[id === 'principal-stories' ? 'principals_total' : 'addresses_total'] - stories.length;
    byId(id).replaceChildren(...(rows.length ? rows : [make('p', {class: 'quiet'}, t('nothing'))]),
      more > 0 ? make('p', {class: 'quiet'}, t('more').replace('{0}', number(more))) : '');
  }
}

function showResources() {
  const rows = data.resources;
  byId('resources').hidden = rows.length === 0;
  const more = data.resources_total - rows.length;
  byId('resource-rows').replaceChildren(
    table([t('level'), t('resource'), t('kind'), t('account'), t('region'), numberHeading(t('findings')), numberHeading(t('matches_short'))],
      rows.map((row) => [badge(row.level), row.name, inLanguage(row.kind), row.account || '', row.region || '', numberCell(row.findings), numberCell(row.matches)])),
    more > 0 ? make('p', {class: 'quiet'}, t('more').replace('{0}', number(more))) : '');
}

function placeTable(places, label) {
  return table([label, numberHeading(t('records')), ...[4, 3, 2, 1].map((level) => numberHeading(levelName(level)))],
    places.map((place) => [place.name, numberCell(place.records), ...[4, 3, 2, 1].map((level) => numberCell(place.levels[level] || ''))]));
}

function showPlaces() {
  byId('account-rows').replaceChildren(placeTable(data.accounts, t('account')));
  byId('region-rows').replaceChildren(placeTable(data.regions, t('region')));
}

function showRules() {
  const order = data.rules.map((_, i) => i).filter((i) => data.rules[i].level > 0);
  order.sort((a, b) => data.rules[b].level - data.rules[a].level || data.rules[a].count - data.rules[b].count);
  byId('rule-rows').replaceChildren(order.length === 0 ? make('p', {class: 'quiet'}, t('nothing')) :
    table([t('level'), numberHeading(t('matches_short')), t('rule'), t('author'), t('tactics_short'), t('when')], order.map((i) => {
      const rule = data.rules[i];
      return [badge(rule.level), numberCell(rule.count), ruleLink(i), rule.author,
        rule.tactics.map(tacticName).join(' › ') + (rule.techniques.length ? ' (' + rule.techniques.join(', ') + ')' : ''),
        withClass('time')(span(rule.first, rule.last))];
    })));
}

// What the exceptions of the user's context did.
function showExceptions() {
  byId('exceptions').hidden = data.exceptions.length === 0;
  byId('exception-rows').replaceChildren(table([t('exception'), numberHeading(t('matches_short')), t('exception_state'), t('owner'), t('reason'), t('expires')],
    data.exceptions.map((row) => [row.id, numberCell(row.count), inLanguage(row.state), row.owner, row.reason, withClass('time')(row.expires === null ? '–' : time(row.expires))])));
}

function showUnreadable() {
  byId('unreadable').hidden = data.unreadable.length === 0;
  byId('unreadable-rows').replaceChildren(table([t('object'), t('reason'), numberHeading(t('at_byte')), numberHeading(t('count'))],
    data.unreadable.map((part) => [part.object, inLanguage(part.reason), numberCell(part.offset), numberCell(part.count)])));
}
