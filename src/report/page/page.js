'use strict';
// The page's data, language and small tools. Every value of a log enters the page as a text node or an
// attribute set by the DOM, never as markup.

const data = JSON.parse(document.getElementById('data').textContent);
const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'];

// What the reader chose; kept in the address, so that a view can be handed over.
const state = {lang: data.lang, search: '', level: 1, tactic: -1, rule: -1, sort: 'time', descending: false, page: 0};

const t = (key) => data.text[key][state.lang === 'ja' ? 1 : 0];
const number = (value) => value.toLocaleString('en-US');
const title = (rule) => (state.lang === 'ja' && rule.title_ja) || rule.title;
const description = (rule) => (state.lang === 'ja' && rule.description_ja) || rule.description;
const falsePositives = (rule) =>
  (state.lang === 'ja' && rule.false_positives_ja.length > 0 ? rule.false_positives_ja : rule.false_positives).join(' · ');
const levelName = (level) => data.levels[level].title[state.lang === 'ja' ? 1 : 0];
const tacticName = (tactic) => data.tactics[tactic].title[state.lang === 'ja' ? 1 : 0];
const text = (id) => data.strings[id];
const time = (ms) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

function span(first, last) {
  const from = time(first), to = time(last);
  if (from === to) return from;
  return from + ' → ' + (from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to);
}

// make('td', {class: 'number'}, '12', child…): texts become text nodes.
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child);
  return element;
}

const byId = (id) => document.getElementById(id);
const badge = (level) => make('span', {class: 'badge ' + LEVELS[level]}, levelName(level));
const withClass = (name) => (value) => make('td', {class: name}, value);
const numberCell = (value) => withClass('number')(typeof value === 'number' ? number(value) : value);

// A table with a heading row; `rows` are lists of td elements or texts.
function table(headings, rows) {
  const head = make('tr', {}, headings.map((heading) =>
    typeof heading === 'string' ? make('th', {scope: 'col'}, heading) : heading));
  const body = rows.map((row) => make('tr', {}, row.map((cell) =>
    cell instanceof Node && cell.nodeName === 'TD' ? cell : make('td', {}, cell))));
  return make('div', {class: 'scroll'}, make('table', {}, make('thead', {}, head), make('tbody', {}, body)));
}

const numberHeading = (label) => make('th', {scope: 'col', class: 'number'}, label);

function readAddress() {
  for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
    if (key === 'lang' && (value === 'en' || value === 'ja')) state.lang = value;
    else if (key === 'search') state.search = value;
    else if (['level', 'tactic', 'rule'].includes(key) && /^-?\d{1,6}$/.test(value)) state[key] = Number(value);
  }
  state.level = Math.min(Math.max(state.level, 0), 4);
  if (state.tactic >= data.tactics.length) state.tactic = -1;
  if (state.rule >= data.rules.length) state.rule = -1;
}

function writeAddress() {
  const query = new URLSearchParams({lang: state.lang, level: state.level});
  if (state.search) query.set('search', state.search);
  if (state.tactic >= 0) query.set('tactic', state.tactic);
  if (state.rule >= 0) query.set('rule', state.rule);
  try { history.replaceState(null, '', '#' + query); } catch { /* some viewers forbid it; nothing is lost */ }
}
