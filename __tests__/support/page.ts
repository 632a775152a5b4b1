/**
 * A page of a browser as far as jsdom has one: its XMLHttpRequest sends real preflights to other origins. Import this
 * before anything that loads axios, which looks at once whether there is an XMLHttpRequest.
 */
import { JSDOM, VirtualConsole } from 'jsdom';

class NoPageYet {}
Object.defineProperty(globalThis, 'XMLHttpRequest', { value: NoPageYet, configurable: true, writable: true });

const NAMES = ['window', 'document', 'location', 'XMLHttpRequest', 'DOMParser'] as const;

/** Opens a page at `url`, whose globals are there until the returned function is called. */
export function openPage(url: string): () => void {
  // Nothing is heard of refused preflights, which this console would print.
  const { window } = new JSDOM('', { url, virtualConsole: new VirtualConsole() });
  const globals = { ...Object.fromEntries(NAMES.map((name) => [name, window[name] as unknown])), fetch: pageFetch };
  const before = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
    window.close();
  };
}

/** A fetch that keeps to the rules for other origins, which that of Node does not know. */
async function pageFetch(input: Request | string | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const body = request.body === null ? null : await request.arrayBuffer();
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(request.method, request.url);
    xhr.responseType = 'arraybuffer';
    // A browser sets this itself.
    request.headers.delete('user-agent');
    for (const [name, value] of request.headers) xhr.setRequestHeader(name, value);
    xhr.onload = () => {
      const lines = xhr.getAllResponseHeaders().split('\r\n').filter((line) => line !== '');
      const headers = lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      });
      const { status } = xhr;
      const isEmpty = [204, 205, 304].includes(status);
      resolve(new Response(isEmpty ? null : (xhr.response as ArrayBuffer), { status, headers }));
    };
    xhr.onerror = () => reject(new TypeError('Failed to fetch'));
    request.signal.addEventListener('abort', () => xhr.abort());
    xhr.send(body);
  });
}
