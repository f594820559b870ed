// Whether the window has little room: then the rail shows drawings only.
import { MediaQuery } from 'svelte/reactivity';

export const is_tight = new MediaQuery('max-width: 1100px');
