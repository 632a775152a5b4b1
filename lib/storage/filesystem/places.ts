/**
 * Where FilesystemStorage keeps what. Names of files and folders are digests, as keys are of any length and language:
 *
 *     <directory>/v1/<namespace>/
 *       token                                    of the namespace, changed by clear
 *       changes, listings                        one byte longer at each invalidation, and at each of what is under way
 *       meta/<name>                              values of `meta`
 *       tags/<aa>/<tag>/token                    changed by a delete by this tag
 *       tags/<aa>/<tag>/<resource>.<key>.<variant>   empty: where entries with this tag are to be looked for
 *       entries/<aa>/<resource>/token            changed by a delete by this resource
 *       entries/<aa>/<resource>/<key>/token      changed by a delete by this key
 *       entries/<aa>/<resource>/<key>/<variant>.head
 *       entries/<aa>/<resource>/<key>/<variant>.<revision>.body
 *       temporary/                               files that have no name yet, folders that are being removed
 */
import { join } from 'node:path';
import { hashAddress } from '../../support/digest.js';
import { remembered } from '../../support/memo.js';

/** The layout of this version; another one is a folder beside it. */
const LAYOUT = 'v1';

/** Where the entries of a key are. */
export interface KeyPlace {
  readonly folder: string;
  readonly keyToken: string;
  readonly resourceToken: string;
}

/** Where a variant is. */
export interface VariantPlace extends KeyPlace {
  /** Its digest. */
  readonly variant: string;
  readonly head: string;
}

export const TOKEN = 'token';
const HEAD = '.head';
const BODY = '.body';

export class Places {
  readonly layout: string;
  readonly root: string;
  readonly temporary: string;
  readonly namespaceToken: string;
  readonly changes: string;
  readonly listings: string;
  readonly entries: string;
  readonly tags: string;

  constructor(directory: string, namespace: string) {
    this.layout = join(directory, LAYOUT);
    this.root = join(this.layout, digestOf(namespace));
    this.temporary = join(this.root, 'temporary');
    this.namespaceToken = join(this.root, TOKEN);
    this.changes = join(this.root, 'changes');
    this.listings = join(this.root, 'listings');
    this.entries = join(this.root, 'entries');
    this.tags = join(this.root, 'tags');
  }

  resource(resource: string): string {
    return sharded(this.entries, digestOf(resource));
  }

  key(key: string, resource: string): KeyPlace {
    return keyPlace(this.resource(resource), digestOf(key));
  }

  variant(key: string, resource: string, variant: string): VariantPlace {
    return variantPlace(this.key(key, resource), digestOf(variant));
  }

  tag(tag: string): string {
    return sharded(this.tags, digestOf(tag));
  }

  tagToken(tag: string): string {
    return join(this.tag(tag), TOKEN);
  }

  meta(name: string): string {
    return join(this.root, 'meta', digestOf(name));
  }

  /** The file by which a delete by tag finds the entry. */
  mark(tag: string, { key, resource, variant }: { key: string; resource: string; variant: string }): string {
    return join(this.tag(tag), [resource, key, variant].map(digestOf).join('.'));
  }

  /** The inverse of `mark`; `undefined` for a file that is none. */
  markedPlace(name: string): VariantPlace | undefined {
    const [, resource, key, variant] = MARK.exec(name) ?? [];
    if (resource === undefined || key === undefined || variant === undefined) return undefined;
    return variantPlace(keyPlace(sharded(this.entries, resource), key), variant);
  }
}

/** @param folder of the resource. @param key the digest. */
export const keyPlace = (folder: string, key: string): KeyPlace => ({
  folder: join(folder, key),
  keyToken: join(folder, key, TOKEN),
  resourceToken: join(folder, TOKEN),
});

export const variantPlace = (place: KeyPlace, variant: string): VariantPlace => ({
  ...place,
  variant,
  head: join(place.folder, variant + HEAD),
});

/** Named after the revision, so that a head never finds the body of another. */
export const bodyPath = ({ folder, variant }: VariantPlace, revision: string): string =>
  join(folder, `${variant}.${digestOf(revision)}${BODY}`);

/** The variants whose heads are among the names in the folder of a key. */
export const variantsIn = (place: KeyPlace, names: readonly string[]): readonly VariantPlace[] =>
  names.filter((name) => HEAD_NAME.test(name)).map((name) => variantPlace(place, name.slice(0, -HEAD.length)));

export const isBodyName = (name: string): boolean => BODY_NAME.test(name);

const HEAD_NAME = /^[0-9a-f]{32}\.head$/;
const BODY_NAME = /^[0-9a-f]{32}\.[0-9a-f]{32}\.body$/;
const MARK = /^([0-9a-f]{32})\.([0-9a-f]{32})\.([0-9a-f]{32})$/;

/** 128 bits of SHA-256, in letters that no disk takes for one another. */
const digestOf = remembered((text) => Buffer.from(hashAddress(text), 'base64url').toString('hex', 0, 16));

/** In one of 256 folders, as folders with very many files are slow on some disks. */
const sharded = (folder: string, digest: string): string => join(folder, digest.slice(0, 2), digest);
