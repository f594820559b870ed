const live = {
  title: 'Live',
  pause: 'Pause',
  resume: 'Go on',
  clear: 'Clear',
  freeze: 'In Discover',
  paused: { one: 'Paused; {n} event waits', other: 'Paused; {n} events wait' },
  state_connecting: 'Connecting …',
  state_open: 'Live',
  state_waiting: 'No connection; trying again',
  rate: { one: '{n} event a second', other: '{n} events a second' },
  lag: '{time} behind',
  total: '{n} in the lake',
  matched: { one: '{n} match', other: '{n} matches' },
  dropped: '{n} not shown, to keep up',
  nothing: 'Waiting for events',
  nothing_text: 'Events appear here as they land in the lake. The last {n} are kept.\nTo follow a folder: yagura serve --lake {lake} --watch FOLDER',
};
export default live;
