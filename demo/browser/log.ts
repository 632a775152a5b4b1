/** The Cache-Status of the last responses, and what the cache has saved so far. */
import type { CacheInfo } from 'axios-client-cache';

interface Answer {
  readonly line: string;
  readonly cached: boolean;
  readonly cache: CacheInfo;
  readonly ms: number;
}

const MOST_LINES = 9;

function text(tag: string, content: string, className = ''): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = content;
  element.className = className;
  return element;
}

function createMean(): { add(ms: number): void; toString(): string } {
  let [sum, count] = [0, 0];
  return {
    add: (ms) => { [sum, count] = [sum + ms, count + 1]; },
    toString: () => (count === 0 ? '– ms' : `${Number((sum / count).toFixed(sum / count < 10 ? 1 : 0))} ms`),
  };
}

export function createLog(list: HTMLElement, sums: HTMLElement): { add(answer: Answer): void } {
  let [requests, saved] = [0, 0];
  const [hits, answers] = [createMean(), createMean()];
  return {
    add({ line, cached, cache, ms }) {
      const item = document.createElement('li');
      const says = text('span', String(cache).replace('axios-client-cache; ', ''));
      says.prepend(text('b', '● ', cache.status));
      item.append(text('span', line.replace('/api', '')), says);
      list.prepend(item);
      for (const old of [...list.children].slice(MOST_LINES)) old.remove();

      requests += 1;
      if (cached) saved += 1;
      const mean = cache.status === 'hit' || cache.status === 'stale' ? hits : answers;
      mean.add(ms);
      sums.replaceChildren(
        text('b', `${saved} of ${requests}`),
        ' answered from the cache; a hit takes ',
        text('b', String(hits)),
        ', the server ',
        text('b', String(answers)),
      );
    },
  };
}
