import type { Level, Role } from './api/types';

export const levels: readonly Level[] = ['critical', 'high', 'medium', 'low', 'informational'];

const roles: readonly Role[] = ['viewer', 'analyst', 'responder', 'admin'];
export const role_allows = (role: Role | undefined, needed: Role) => role !== undefined && roles.indexOf(role) >= roles.indexOf(needed);
