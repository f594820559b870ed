import type { Level, Role } from './api/types';

export const levels: readonly Level[] = ['critical', 'high', 'medium', 'low', 'informational'];
export const level_rank = (level: Level) => levels.length - levels.indexOf(level);

const roles: readonly Role[] = ['viewer', 'analyst', 'responder', 'admin'];
export const role_allows = (role: Role | undefined, needed: Role) => role !== undefined && roles.indexOf(role) >= roles.indexOf(needed);
