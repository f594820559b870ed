const status = {
  new: 'New',
  acknowledged: 'Acknowledged',
  suppressed: 'Suppressed',
  closed: 'Closed',
};
export default status;
