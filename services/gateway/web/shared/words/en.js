/** All English words. */

import { APP } from "./en.app.js";
import { PROBLEMS } from "./en.problems.js";
import { TERMINAL } from "./en.terminal.js";

export const EN = { ...APP, ...TERMINAL, ...PROBLEMS };
