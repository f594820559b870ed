const setup = {
  title: 'First run',
};
export default setup;
