// The report of a scan: what its parts share, and the start.

const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'];
Object.assign(state, {search: '', level: 1, tactic: -1, rule: -1, sort: 'time', descending: false, page: 0});

const title = (rule) => (state.lang === 'ja' && rule.title_ja) || rule.title;
const description = (rule) => (state.lang === 'ja' && rule.description_ja) || rule.description;
const falsePositives = (rule) =>
  (state.lang === 'ja' && rule.false_positives_ja.length > 0 ? rule.false_positives_ja : rule.false_positives).join(' · ');
const levelName = (level) => inLanguage(data.levels[level].title);
const tacticName = (tactic) => inLanguage(data.tactics[tactic].title);
const text = (id) => data.strings[id];
const badge = (level) => make('span', {class: 'badge ' + LEVELS[level]}, levelName(level));

// Shows the matches that pass these filters, and goes there.
function goToMatches(filters) {
  Object.assign(state, filters, {page: 0});
  showAll();
  byId('matches').scrollIntoView();
}

const scanPage = {
  title: 'title',
  read(key, value) {
    if (key === 'search') state.search = value;
    else if (['level', 'tactic', 'rule'].includes(key) && /^-?\d{1,6}$/.test(value)) state[key] = Number(value);
    state.level = Math.min(Math.max(state.level, 0), 4);
    if (state.tactic >= data.tactics.length) state.tactic = -1;
    if (state.rule >= data.rules.length) state.rule = -1;
  },
  write(query) {
    query.set('level', state.level);
    if (state.search) query.set('search', state.search);
    if (state.tactic >= 0) query.set('tactic', state.tactic);
    if (state.rule >= 0) query.set('rule', state.rule);
  },
  show() {
    for (const show of [showOverview, showSpark, showTactics, showStories, showResources, showPlaces, showRules, showExceptions, showUnreadable, showMatches]) show();
  },
};
