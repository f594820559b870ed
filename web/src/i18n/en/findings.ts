const findings = {
  title: 'Findings',
};
export default findings;
