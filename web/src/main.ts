import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { speak } from './i18n/index.svelte';
import { start_clock } from './lib/clock.svelte';
import { start_keys } from './lib/keys.svelte';
import { preferences } from './lib/preferences.svelte';
import { start_router } from './lib/router.svelte';
import { session } from './lib/session.svelte';
import { find_screen } from './screens';

start_router();
start_keys();
start_clock();
// Who it is and the screen's code are fetched while the words are.
session.begin().catch(() => {});
find_screen(location.pathname)?.screen.load().catch(() => {});
void speak(preferences.language).then(() => mount(App, { target: document.getElementById('app')! }));
