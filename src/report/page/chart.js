// Overview: level tiles, detections over time, the tactic strip.

function showOverview() {
  const meta = data.meta;
  const told = [meta.inputs.join(', ')];
  if (meta.first !== null) told.push(span(meta.first, meta.last) + ' UTC');
  told.push(number(meta.objects) + ' ' + t('objects'), number(meta.records) + ' ' + t('records'));
  for (const type of meta.log_types) told.push(inLanguage(type.title) + ' ' + number(type.count));
  told.push(number(meta.rules_loaded) + ' ' + t('rules_used'));
  byId('subtitle').textContent = told.join(' · ');
  const notices = data.notices.map(inLanguage);
  if (data.rows.length < data.rows_kept) notices.push(t('rows_cut').replace('{0}', number(data.rows.length)).replace('{1}', number(data.rows_kept)));
  showNotices(notices);
  byId('levels').replaceChildren(...[4, 3, 2, 1, 0].map((level) => {
    const counts = data.levels[level];
    return make('div', {class: 'tile ' + LEVELS[level]}, badge(level), make('b', {}, number(counts.matches)),
      make('span', {class: 'quiet'}, level === 0 ? t('only_counted') :
        number(counts.findings) + ' ' + t('findings') + ' · ' + number(counts.rules) + ' ' + t('rules_short')));
  }));
}

const SVG = 'http://www.w3.org/2000/svg';
function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Stacked bars, the gravest level at the bottom so that it is never hidden by many light ones. The square
// root of the height keeps single detections visible beside bursts.
function showSpark() {
  const steps = data.spark.levels, width = 1200, height = 96;
  if (steps.length === 0) { byId('spark').replaceChildren(make('p', {class: 'quiet'}, t('nothing'))); return; }
  const sums = steps.map((step) => step[1] + step[2] + step[3] + step[4]);
  const largest = Math.max(...sums), wide = width / steps.length;
  const svg = draw('svg', {viewBox: `0 0 ${width} ${height + 4}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': t('over_time')});
  svg.append(draw('line', {x1: 0, x2: width, y1: height, y2: height}));
  steps.forEach((step, i) => {
    const tall = Math.sqrt(sums[i] / largest) * (height - 6);
    let y = height;
    const start = data.spark.first + i * data.spark.step;
    for (const level of [4, 3, 2, 1]) {
      if (step[level] === 0) continue;
      const part = Math.max(1.5, tall * step[level] / sums[i]);
      y -= part;
      const bar = draw('rect', {class: LEVELS[level], x: i * wide + wide * 0.1, y, width: Math.max(1, wide * 0.8), height: part});
      bar.append(draw('title', {}, `${time(start)} UTC · ${levelName(level)} ${number(step[level])}`));
      svg.append(bar);
    }
  });
  const end = data.spark.first + steps.length * data.spark.step;
  const minutes = data.spark.step / 60000;
  const step = minutes >= 1440 ? t('days').replace('{0}', minutes / 1440) : minutes >= 60 ? t('hours').replace('{0}', minutes / 60) : t('minutes').replace('{0}', minutes);
  const axis = make('div', {class: 'axis quiet'}, make('span', {}, time(data.spark.first).slice(0, 16)),
    make('span', {}, t('per_bar').replace('{0}', step)), make('span', {}, time(end).slice(0, 16) + ' UTC'));
  byId('spark').replaceChildren(svg, axis);
}

function showTactics() {
  byId('tactics').replaceChildren(...data.tactics.map((tactic, i) => {
    const highest = [4, 3, 2, 1].find((level) => tactic.levels[level] > 0);
    const sum = tactic.levels.slice(1).reduce((a, b) => a + b, 0);
    return make('button', {
      type: 'button', class: highest === undefined ? '' : 'hit ' + LEVELS[highest], 'aria-pressed': String(state.tactic === i),
      title: tactic.id + (highest === undefined ? '' : ' · ' + levelName(highest)), disabled: sum === 0,
      onclick: () => goToMatches({tactic: state.tactic === i ? -1 : i}),
    }, make('span', {}, tacticName(i)), make('b', {}, sum === 0 ? '–' : number(sum)));
  }));
}
