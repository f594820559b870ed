const discover = {
  title: 'Discover',
};
export default discover;
