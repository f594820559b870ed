const rules = {
  title: 'Rules',
};
export default rules;
