/** Sizes by host, as bars; a click on a host chooses it. */
import { button, make } from '../../../devtools/dom.js';
import { counted, size } from '../../../devtools/words.js';
import type { HostShare } from '../listing.js';
import { shareBar } from './bars.js';

export interface Hosts {
  readonly element: HTMLElement;
  show(hosts: readonly HostShare[]): void;
}

const NAME = 'Sizes by host';

export function hostBars(onChoose: (host: string) => void): Hosts {
  const list = make('ol', {});
  const element = make('figure', { 'class': 'hosts', 'aria-label': NAME }, make('figcaption', {}, NAME), list);
  return {
    element,
    show(hosts) {
      const most = Math.max(...hosts.map(({ bytes }) => bytes), 1);
      element.hidden = hosts.length === 0;
      list.replaceChildren(...hosts.map((each) => lineOf(each, most, onChoose)));
    },
  };
}

function lineOf({ host, entries, bytes }: HostShare, most: number, onChoose: (host: string) => void): HTMLLIElement {
  // What stands for several hosts, or for records that cannot be read, cannot be chosen.
  const isOne = /^[^\s]+$/.test(host);
  const name = isOne
    ? button(host, () => { onChoose(host); }, { title: `Show ${host} alone` })
    : make('span', {}, host === '' ? '(cannot be read)' : host);
  return make('li', {}, name, shareBar(bytes / most), make('span', { class: 'sum' }, `${size(bytes)}, ${counted(entries)}`));
}
