/** The custom element. Its class is made when it is defined, since there is nothing to extend on a server. */
import { type MountedPanel, mountPanel } from './panel.js';
import type { DevtoolsCache } from './cache.js';
import { styleSheet } from './style.js';

const NAME = 'axios-client-cache-devtools';

/** `<axios-client-cache-devtools>`: what a cache does, live. */
export interface DevtoolsElement extends HTMLElement {
  /** The manager whose cache is shown: `http.cache`, or what `getCache(instance)` gives. @default undefined */
  cache: DevtoolsCache | undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    'axios-client-cache-devtools': DevtoolsElement;
  }
}

/**
 * Defines the element `axios-client-cache-devtools`, which importing this module has done already. A second time, from
 * another copy of the package, and where there is no document it does nothing.
 *
 * @example
 * const panel = document.createElement('axios-client-cache-devtools');
 * panel.cache = http.cache;
 * document.body.append(panel);
 */
export function defineDevtools(): void {
  if (typeof customElements === 'undefined' || customElements.get(NAME) !== undefined) return;
  customElements.define(NAME, elementClass());
}

function elementClass(): new () => DevtoolsElement {
  return class extends HTMLElement implements DevtoolsElement {
    readonly #panel: MountedPanel;
    #cache: DevtoolsCache | undefined;
    #stop: (() => void) | undefined;

    constructor() {
      super();
      const root = this.attachShadow({ mode: 'open' });
      const sheet = styleSheet();
      if (sheet !== undefined) root.adoptedStyleSheets = [sheet];
      this.#panel = mountPanel(root);
    }

    get cache(): DevtoolsCache | undefined {
      return this.#cache;
    }

    set cache(cache: DevtoolsCache | undefined) {
      this.#stop?.();
      this.#cache = cache;
      this.#panel.use(cache);
      if (this.isConnected) this.#stop = this.#panel.start();
    }

    connectedCallback(): void {
      if (!this.hasAttribute('role')) this.setAttribute('role', 'region');
      if (!this.hasAttribute('aria-label')) this.setAttribute('aria-label', 'HTTP cache');
      this.#takeEarlyCache();
      this.#stop?.();
      this.#stop = this.#panel.start();
    }

    disconnectedCallback(): void {
      this.#stop?.();
      this.#stop = undefined;
    }

    /** What was set before the element was defined became a property of its own, which hides this one. */
    #takeEarlyCache(): void {
      if (!Object.hasOwn(this, 'cache')) return;
      const { cache } = this;
      delete (this as Partial<DevtoolsElement>).cache;
      this.cache = cache;
    }
  };
}
