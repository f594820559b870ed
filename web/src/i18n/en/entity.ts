const entity = {
  title: 'Entity',
  kind_address: 'IP address',
  kind_principal: 'Principal',
  kind_key: 'Access key',
  kind_session: 'Role session',
  kind_instance: 'Instance',
  kind_bucket: 'Bucket',
  kind_account: 'Account',
  kind_user_agent: 'User agent',
};
export default entity;
