const sources = {
  title: 'Sources',
};
export default sources;
