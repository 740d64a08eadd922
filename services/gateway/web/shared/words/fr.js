/** All French words. */

import { APP } from "./fr.app.js";
import { PROBLEMS } from "./fr.problems.js";
import { TERMINAL } from "./fr.terminal.js";

export const FR = { ...APP, ...TERMINAL, ...PROBLEMS };
