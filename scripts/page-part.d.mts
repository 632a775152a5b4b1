/** A part of a page that a program writes. */
export interface PagePart {
  /** From the root of the repository. */
  readonly page: string;
  readonly name: string;
  /** It makes the part anew. */
  readonly command: string;
}

/** Gives what the page has there now. Throws where it has no such part, as `writePart` does. */
export function readPart(part: PagePart): string;

/** Puts `content` there. */
export function writePart(part: PagePart, content: string): void;
