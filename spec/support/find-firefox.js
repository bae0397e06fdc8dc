// Finds Firefox for Karma, or installs Debian's Firefox ESR. `node spec/support/find-firefox.js` prints its path.
import { findBrowser, printIfMain } from './find-browser.js';

/** Returns the path of an executable Firefox. Throws if there is none and none can be installed. */
export function findFirefox() {
  return findBrowser({
    name: 'Firefox',
    variable: 'FIREFOX_BIN',
    executables: ['firefox-esr', 'firefox'],
    macPaths: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
    debianPackage: 'firefox-esr',
  });
}

printIfMain(import.meta.url, findFirefox);
