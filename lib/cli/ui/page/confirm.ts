/** Asks before something is deleted. */
import { button, listen, make } from '../../../devtools/dom.js';

/** Asks in a dialog within `place`; Escape is a no. */
export async function confirmed(place: HTMLElement, question: string, yes: string): Promise<boolean> {
  const dialog = make('dialog', { 'aria-label': question });
  const no = button('Cancel', () => { dialog.close(); });
  const agree = button(yes, () => { dialog.close('yes'); }, { class: 'danger' });
  dialog.append(make('p', {}, question), make('div', { class: 'actions' }, no, agree));
  place.append(dialog);
  dialog.showModal();
  no.focus();
  await new Promise<void>((resolve) => {
    listen(dialog, { close: () => { resolve(); } });
  });
  dialog.remove();
  return dialog.returnValue === 'yes';
}
