/** Tabs by the pattern of the WAI-ARIA practices: one is in the order of the Tab key, arrow keys go to the others. */
import { button, listen, make } from './dom.js';

export interface Tab {
  readonly name: string;
  readonly content: HTMLElement;
  readonly onShow?: () => void;
}

const STEPS = new Map([['ArrowRight', 1], ['ArrowLeft', -1]]);

interface Tabs {
  readonly list: HTMLElement;
  /** One for each tab. */
  readonly panels: readonly HTMLElement[];
}

export function tabs(label: string, given: readonly Tab[]): Tabs {
  const panels = given.map(({ content }, index) => {
    const attributes = { 'role': 'tabpanel', 'id': `panel-${index}`, 'aria-labelledby': `tab-${index}`, 'tabindex': '0' };
    return make('div', attributes, content);
  });
  const buttons = given.map(({ name }, index) =>
    button(name, () => { select(index); }, { 'role': 'tab', 'id': `tab-${index}`, 'aria-controls': `panel-${index}` }));

  const select = (chosen: number): void => {
    buttons.forEach((each, index) => {
      each.setAttribute('aria-selected', String(index === chosen));
      each.tabIndex = index === chosen ? 0 : -1;
    });
    panels.forEach((panel, index) => { panel.hidden = index !== chosen; });
    given[chosen]?.onShow?.();
  };

  const list = make('div', { 'role': 'tablist', 'aria-label': label }, ...buttons);
  listen(list, {
    keydown: ({ key }) => {
      const step = STEPS.get(key);
      const at = buttons.findIndex((each) => each.tabIndex === 0);
      if (step === undefined) return;
      const next = (at + step + buttons.length) % buttons.length;
      select(next);
      buttons[next]?.focus();
    },
  });
  select(0);
  return { list, panels };
}
