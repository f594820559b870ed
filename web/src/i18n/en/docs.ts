const docs = {
  title: 'Reference',
  intro: 'What can be asked, and of which fields. Part of the program; no network needed.',
  find: 'Name, meaning or log',
  fields: 'Fields',
  language: 'Query language',
  name: 'Name in the log',
  meaning: 'Meaning',
  type: 'Type',
  usage: 'How it is written',
  group: 'Kind',
  command: 'command',
  no_word: 'No word like that',
};
export default docs;
