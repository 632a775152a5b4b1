// docs/api.md: everything that the package exports, with its doc comments, from the declarations in dist/.
import ts from 'typescript';

/** @param {import('./surface.mjs').Surface[]} surfaces */
export function pageOf(surfaces) {
  const contents = surfaces.map(({ specifier }) => `- ${linkTo(specifier)}`);
  return `# API reference

<!-- This page is written by \`npm run check:api -- --update\`. Changes made by hand are lost. -->

Everything that the package exports, as an editor shows it, for each of its entries. How it is used is said by the other
pages, from [Getting started](getting-started.md) on.

${contents.join('\n')}

${surfaces.map(entryOf).join('\n')}`;
}

function entryOf({ specifier, augmentations, exported, named, elsewhere }) {
  const also = elsewhere.map(({ name, specifier: from }) => `\`${name}\` of ${linkTo(from)}`);
  return [
    `## ${headingOf(specifier)}\n\nWhat \`${specifier}\` exports.\n`,
    ...augmentations.map((node) => `It extends the types of \`${node.name.text}\`:\n\n${fence(node.getText())}`),
    ...exported.map(({ name, nodes }) => itemOf(name, '', nodes)),
    ...(also.length === 0 ? [] : [`It exports as well: ${also.join(', ')}.\n`]),
    ...named.map(({ name, nodes }) => itemOf(name, 'It is not exported: types above name it.\n\n', nodes)),
  ].join('\n');
}

function itemOf(name, note, nodes) {
  const comment = nodes.flatMap((node) => ts.getJSDocCommentsAndTags(node)).filter(ts.isJSDoc);
  const prose = [...new Set(comment)].map(proseOf).filter((text) => text !== '');
  const code = nodes.map((node) => node.getText().replace(/^ *#private;\n/m, ''));
  return `### ${name}\n\n${note}${[...prose, fence(code.join('\n'))].join('\n\n')}`;
}

/** The text of a comment, with its tags as paragraphs, and its examples as code. */
function proseOf(comment) {
  const textOf = (part) => ts.getTextOfJSDocComment(part.comment) ?? '';
  const tags = (comment.tags ?? []).map((tag) => {
    const name = tag.tagName.text;
    if (name === 'example') return fence(textOf(tag)).trimEnd();
    const subject = tag.name === undefined ? '' : `\`${tag.name.getText()}\` `;
    return `**@${name}** ${subject}${safe(textOf(tag))}`;
  });
  return [safe(textOf(comment)), ...tags].filter((text) => text !== '').join('\n\n');
}

/** `typescript`, not `ts`: these are declarations, which nobody runs. */
const fence = (code) => `\`\`\`typescript\n${code}\n\`\`\`\n`;
/** A bracket outside of code would begin an element. */
const safe = (text) => text.replaceAll(/(`[^`]*`)|</g, (_, code) => code ?? '&lt;');
const linkTo = (specifier) => `[\`${specifier}\`](#${headingOf(specifier)})`;
/** Without a slash, of which GitHub and the site would make different anchors. */
const headingOf = (specifier) => specifier.split('/').at(-1);
