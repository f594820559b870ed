// The overview counts findings that are not suppressed; its links show the same ones.
export const kCounted = ['new', 'acknowledged', 'closed'];
