/** How SqliteStorage notices damage: digests of what is stored, SHA-256 as base64. */
import { createHash, hash } from 'node:crypto';

/** Characters of one digest. */
export const DIGEST_LENGTH = 43;

/** @param address the texts by which the entry is found. */
export const digestOfFields = (address: string, fields: Uint8Array): string =>
  createHash('sha256').update(address).update(fields).digest('base64url');

export const digestOfBody = (body: Uint8Array): string => hash('sha256', body, 'base64url');
