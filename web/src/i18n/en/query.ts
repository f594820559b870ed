const query = {
  title: 'Query',
};
export default query;
