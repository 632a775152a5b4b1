/** What the page changes in a storage: it asks first where something would be lost, and says how it ended. */
import { messageOf } from '../../../devtools/words.js';
import type { Query, Row } from '../listing.js';
import type { Server } from './ask.js';
import { confirmed } from './confirm.js';
import { nameOf } from './entries.js';

interface ChangePorts {
  readonly server: Server;
  /** The dialog is put there. */
  readonly place: HTMLElement;
  readonly tell: (text: string) => void;
  /** Reads the list anew. */
  readonly read: () => Promise<void>;
}

/** Each resolves to whether something was changed. */
export interface Changes {
  remove(row: Row): Promise<boolean>;
  removeMatching(query: Query, count: number): Promise<boolean>;
  expire(row: Row): Promise<boolean>;
}

export function changesBy({ server, place, tell, read }: ChangePorts): Changes {
  const act = async (change: Promise<number>, done: string): Promise<boolean> => {
    let count = 0;
    let text: string;
    try {
      count = await change;
      text = count === 0 ? 'Nothing was changed: it is gone, or was renewed meanwhile.' : `${done}: ${count}.`;
    } catch (error) {
      text = messageOf(error);
    }
    await read();
    tell(text);
    return count > 0;
  };
  return {
    remove: async (row) =>
      (await confirmed(place, `Delete ${nameOf(row)}?`, 'Delete it')) &&
      act(server.change('delete', { id: row.id }), 'Deleted'),
    removeMatching: async (query, count) =>
      (await confirmed(place, `Delete the ${count} entries that match the fields?`, 'Delete them')) &&
      act(server.change('delete-matching', query), 'Deleted'),
    expire: (row) => act(server.change('expire', { id: row.id }), 'Made stale'),
  };
}
