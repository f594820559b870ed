// One line per area, in order of name.
import discover from './discover';
import docs from './docs';
import entity from './entity';
import findings from './findings';
import levels from './levels';
import live from './live';
import overview from './overview';
import places from './places';
import query from './query';
import roles from './roles';
import rules from './rules';
import settings from './settings';
import setup from './setup';
import shell from './shell';
import sources from './sources';
import status from './status';
import tactics from './tactics';
import ui from './ui';

const words = { discover, docs, entity, findings, levels, live, overview, places, query, roles, rules, settings, setup, shell, sources, status, tactics, ui };
export default words;
