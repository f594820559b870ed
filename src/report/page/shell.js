'use strict';
// What every page shares: data, language, theme and small tools. Every value of a log enters a page as a
// text node or an attribute set by the DOM, never as markup.
//
//   startPage({title: 'title', show() {…}, read(key, value) {…}, write(query) {…}});

const data = JSON.parse(document.getElementById('data').textContent);

// What the reader chose; kept in the address, so that a view can be handed over. Pages add their own.
const state = {lang: data.lang, theme: ''};
let page = null;

const t = (key) => data.text[key][state.lang === 'ja' ? 1 : 0];
const inLanguage = (pair) => pair[state.lang === 'ja' ? 1 : 0];
const number = (value) => value.toLocaleString('en-US');
// An event without a time has that of the beginning of 1970.
const time = (ms) => ms === 0 ? '–' : new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

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
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined) element.append(child);
  return element;
}

const byId = (id) => document.getElementById(id);
const withClass = (name) => (value) => make('td', {class: name}, value);
const numberCell = (value) => withClass('number')(typeof value === 'number' ? number(value) : value);
const numberHeading = (label) => make('th', {scope: 'col', class: 'number'}, label);
const facts = (pairs) => make('dl', {}, pairs.map(([key, value]) => [make('dt', {}, t(key)), make('dd', {}, value)]));

// A table with a heading row; `rows` are lists of td elements or texts.
function table(headings, rows) {
  const head = make('tr', {}, headings.map((heading) =>
    typeof heading === 'string' ? make('th', {scope: 'col'}, heading) : heading));
  const body = rows.map((row) => make('tr', {}, row.map((cell) =>
    cell instanceof Node && cell.nodeName === 'TD' ? cell : make('td', {}, cell))));
  return make('div', {class: 'scroll'}, make('table', {}, make('thead', {}, head), make('tbody', {}, body)));
}

function showNotices(sentences) {
  byId('notices').replaceChildren(...sentences.map((sentence) => make('p', {class: 'notice'}, sentence)));
}

function readAddress() {
  for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
    if (key === 'lang' && (value === 'en' || value === 'ja')) state.lang = value;
    else if (key === 'theme' && (value === 'light' || value === 'dark')) state.theme = value;
    else page.read(key, value);
  }
}

function writeAddress() {
  const query = new URLSearchParams({lang: state.lang});
  if (state.theme) query.set('theme', state.theme);
  page.write(query);
  try { history.replaceState(null, '', '#' + query); } catch { /* some viewers forbid it; nothing is lost */ }
}

// As chosen, else as the system has it; paper is always light.
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const theme = () => state.theme || (systemIsDark.matches ? 'dark' : 'light');
function showTheme() {
  document.documentElement.dataset.theme = theme();
  byId('theme').textContent = t(theme() === 'dark' ? 'theme_light' : 'theme_dark');
}

function showNavigation() {
  byId('nav').setAttribute('aria-label', t('sections'));
  byId('nav').replaceChildren(...[...document.querySelectorAll('[data-nav]')].filter((section) => !section.hidden).map((section) =>
    make('a', {href: '#' + section.id, onclick: (event) => { event.preventDefault(); section.scrollIntoView(); }}, t(section.dataset.nav))));
}

function showAll() {
  document.documentElement.lang = state.lang;
  document.title = 'Yagura · ' + t(page.title);
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const button of document.querySelectorAll('[data-lang]')) button.setAttribute('aria-pressed', String(button.dataset.lang === state.lang));
  showTheme();
  page.show();
  showNavigation();
  writeAddress();
}

function startPage(thisPage) {
  page = thisPage;
  for (const button of document.querySelectorAll('[data-lang]')) {
    button.addEventListener('click', () => { state.lang = button.dataset.lang; showAll(); });
  }
  byId('theme').addEventListener('click', () => { state.theme = theme() === 'dark' ? 'light' : 'dark'; showTheme(); writeAddress(); });
  systemIsDark.addEventListener('change', showTheme);
  addEventListener('beforeprint', () => {
    document.documentElement.dataset.theme = 'light';
    for (const story of document.querySelectorAll('details.story')) { story.fill(); story.open = true; }
  });
  addEventListener('afterprint', showTheme);
  readAddress();
  showAll();
}
