/** The program of the page that `ui` serves: it defines the element that the page is, and puts it there. */
import { make } from '../../../devtools/dom.js';
import { styleSheet } from '../../../devtools/style.js';
import { messageOf } from '../../../devtools/words.js';
import { mountApp } from './app.js';
import { connect } from './ask.js';
import { APP_CSS, PAGE_CSS } from './style.js';

const sheets = (...all: readonly (CSSStyleSheet | undefined)[]): CSSStyleSheet[] =>
  all.filter((each) => each !== undefined);

class CacheUi extends HTMLElement {
  readonly #root = this.attachShadow({ mode: 'open' });

  async connectedCallback(): Promise<void> {
    this.#root.adoptedStyleSheets = sheets(styleSheet(), styleSheet(APP_CSS));
    try {
      const server = await connect();
      document.title = `${server.about.place} – HTTP cache`;
      mountApp(this.#root, server);
    } catch (error) {
      this.#root.replaceChildren(make('p', { role: 'alert' }, messageOf(error)));
    }
  }
}

// The token has become a cookie: it need not stay where a picture of the screen or the history has it.
history.replaceState(undefined, '', '/');
document.adoptedStyleSheets = sheets(styleSheet(PAGE_CSS));
customElements.define('axios-client-cache-ui', CacheUi);
document.body.append(document.createElement('axios-client-cache-ui'));
