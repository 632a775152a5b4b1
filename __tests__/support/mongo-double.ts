/**
 * A server of MongoDB's protocol in this process, which does as a script says: for what a real one does only in bad
 * moments. It keeps documents by `_id`, and understands what MongoStorage sends, no more.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import mongoose from 'mongoose';

const { BSON } = mongoose.mongo;

type Fields = Record<string, unknown>;

/** What it does in place of an answer: once, or from then on. */
export type Reaction =
  /** It says nothing, and keeps the connection. */
  | 'hangs'
  /** It ends the connection in the middle of its answer. */
  | 'cuts its answer'
  /** It does what was asked and answers that nothing was there. */
  | 'answers null'
  | { readonly code: number; readonly errmsg: string };

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEAD_BYTES = 16;

export class MongoDouble {
  readonly documents = new Map<string, Fields>();
  /** The names of the commands that came, but for those by which drivers watch a server. */
  readonly commands: string[] = [];
  readonly #once = new Map<string, Reaction[]>();
  readonly #always = new Map<string, Reaction>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #wireVersion: number;

  private constructor(wireVersion: number) {
    this.#wireVersion = wireVersion;
    this.#server = createServer((socket) => { this.#accept(socket); });
  }

  /** @param wireVersion what it says to understand; drivers of now refuse versions below 8 or 9. */
  static async start(wireVersion = 25): Promise<MongoDouble> {
    const double = new MongoDouble(wireVersion);
    double.#server.listen(0, '127.0.0.1');
    await once(double.#server, 'listening');
    return double;
  }

  get url(): string {
    return `mongodb://127.0.0.1:${(this.#server.address() as AddressInfo).port}/app`;
  }

  once(command: string, ...reactions: Reaction[]): void {
    this.#once.set(command, reactions);
  }

  always(command: string, reaction: Reaction): void {
    this.#always.set(command, reaction);
  }

  /** From now on it does what it is asked. */
  behave(): void {
    this.#once.clear();
    this.#always.clear();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      while (received.length >= 4 && received.length >= received.readInt32LE(0)) {
        const length = received.readInt32LE(0);
        this.#answer(socket, received.subarray(0, length));
        received = received.subarray(length);
      }
    });
  }

  #answer(socket: Socket, message: Buffer): void {
    const kind = message.readInt32LE(12);
    const command = kind === OP_QUERY ? readQuery(message) : readMessage(message);
    const [name = ''] = Object.keys(command);
    const isWatching = /^(hello|ismaster|ping|endSessions)$/i.test(name);
    if (!isWatching) this.commands.push(name);
    const reaction = this.#once.get(name)?.shift() ?? this.#always.get(name);
    if (reaction === 'hangs') return;
    const answer = typeof reaction === 'object' ? { ok: 0, ...reaction } : this.#do(name, command);
    if (reaction === 'answers null') Object.assign(answer, { value: null });
    const bytes = kind === OP_QUERY ? writeReply(message, answer) : writeMessage(message, answer);
    if (reaction === 'cuts its answer') socket.end(bytes.subarray(0, Math.ceil(bytes.length / 2)));
    else socket.write(bytes);
  }

  #do(name: string, command: Fields): Fields {
    const list = (field: string): Fields[] => (command[field] ?? []) as Fields[];
    if (name === 'find') return this.#found(command['filter'] as Fields);
    if (name === 'findAndModify') {
      const { query, update, upsert } = command as { query: Fields; update: Fields; upsert?: boolean };
      return { ok: 1, value: this.#update(query, update, upsert === true) ?? null };
    }
    if (name === 'insert') return this.#insert(list('documents'));
    if (name === 'update') {
      const changed = list('updates').map(({ q, u, upsert }) =>
        this.#update(q as Fields, u as Fields, upsert === true));
      return { ok: 1, n: changed.filter((each) => each !== undefined).length };
    }
    if (name === 'delete') {
      const gone = list('deletes').flatMap(({ q }) => this.#matching(q as Fields));
      for (const { _id } of gone) this.documents.delete(String(_id));
      return { ok: 1, n: gone.length };
    }
    return /^(hello|ismaster)$/i.test(name) ? this.#greeting() : { ok: 1 };
  }

  #greeting(): Fields {
    return {
      ok: 1, helloOk: true, ismaster: true, isWritablePrimary: true, readOnly: false,
      minWireVersion: 0, maxWireVersion: this.#wireVersion,
      maxBsonObjectSize: 16 * 1024 * 1024, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000,
    };
  }

  #found(filter: Fields): Fields {
    return { ok: 1, cursor: { id: 0n, ns: 'app.entries', firstBatch: this.#matching(filter) } };
  }

  #insert(documents: readonly Fields[]): Fields {
    for (const document of documents) {
      if (this.documents.has(String(document['_id']))) {
        return { ok: 1, n: 0, writeErrors: [{ index: 0, code: 11000, errmsg: 'E11000 duplicate key' }] };
      }
      this.documents.set(String(document['_id']), document);
    }
    return { ok: 1, n: documents.length };
  }

  #update(query: Fields, update: Fields, upsert: boolean): Fields | undefined {
    const [found] = this.#matching(query);
    if (found === undefined && !upsert) return undefined;
    const { _id, k } = query;
    const before = found ?? { _id, k, ...(update['$setOnInsert'] as Fields | undefined) };
    const isWhole = !Object.keys(update).some((name) => name.startsWith('$'));
    const after: Fields = isWhole ? { _id, ...update } : { ...before, ...(update['$set'] as Fields | undefined) };
    for (const [name, by] of Object.entries(update['$inc'] ?? {})) after[name] = Number(after[name]) + Number(by);
    this.documents.set(String(_id), after);
    return after;
  }

  /** Values are compared, and `$in` is known; other conditions always hold. */
  #matching(filter: Fields): Fields[] {
    const holds = (document: Fields, [name, wanted]: [string, unknown]): boolean => {
      if (Array.isArray(wanted)) {
        return wanted.every((each: Fields) => Object.entries(each).every((one) => holds(document, one)));
      }
      if (typeof wanted !== 'object' || wanted === null) return document[name] === wanted;
      const { $in } = wanted as { $in?: readonly unknown[] };
      return $in === undefined || $in.includes(document[name]);
    };
    return [...this.documents.values()].filter((document) =>
      Object.entries(filter).every((condition) => holds(document, condition)));
  }
}

/** Flags, the name of the collection, two numbers, the command. */
const readQuery = (message: Buffer): Fields => read(message.subarray(message.indexOf(0, HEAD_BYTES + 4) + 1 + 8));

/** Flags and sections: a command, and lists of documents that belong to it. */
function readMessage(message: Buffer): Fields {
  const command: Fields = {};
  for (let at = HEAD_BYTES + 4; at < message.length;) {
    const isList = message[at] === 1;
    const size = message.readInt32LE(at + 1);
    if (isList) Object.assign(command, readList(message.subarray(at + 5, at + 1 + size)));
    else Object.assign(command, read(message.subarray(at + 1, at + 1 + size)));
    at += 1 + size;
  }
  return command;
}

function readList(section: Buffer): Fields {
  const nameEnds = section.indexOf(0);
  const documents: Fields[] = [];
  for (let at = nameEnds + 1; at < section.length; at += section.readInt32LE(at)) {
    documents.push(read(section.subarray(at, at + section.readInt32LE(at))));
  }
  return { [section.toString('utf8', 0, nameEnds)]: documents };
}

const read = (bytes: Buffer): Fields =>
  BSON.deserialize(bytes.subarray(0, bytes.readInt32LE(0)), { promoteBuffers: true });

const writeReply = (question: Buffer, answer: Fields): Buffer =>
  framed(OP_REPLY, question, Buffer.alloc(16), int32(1), BSON.serialize(answer));

const writeMessage = (question: Buffer, answer: Fields): Buffer =>
  framed(OP_MSG, question, int32(0), Buffer.from([0]), BSON.serialize(answer));

function framed(kind: number, question: Buffer, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const numbers = [HEAD_BYTES + body.length, 1, question.readInt32LE(4), kind].map(int32);
  return Buffer.concat([...numbers, body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
