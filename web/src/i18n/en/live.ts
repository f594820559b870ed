const live = {
  title: 'Live',
};
export default live;
