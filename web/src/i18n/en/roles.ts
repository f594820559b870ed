const roles = {
  viewer: 'viewer',
  analyst: 'analyst',
  responder: 'responder',
  admin: 'administrator',
};
export default roles;
