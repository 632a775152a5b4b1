// The report of an entry: its declarations without comments, in the order of their names, so that each change shows.
import ts from 'typescript';

const printer = ts.createPrinter({ removeComments: true });

/** @param {import('./surface.mjs').Surface} surface */
export function reportOf({ specifier, augmentations, exported, named, elsewhere }) {
  const section = (title, blocks) => (blocks.length === 0 ? [] : [`// ${title}`, ...blocks]);
  const code = [
    ...section('What it adds to other modules', augmentations.map(print)),
    ...section('Exported', exported.map(textOf)),
    ...section('Exported, and described in another report', elsewhere.map((each) => `// ${each.name}: ${each.specifier}`)),
    ...section('Named by these, and not exported', named.map(textOf)),
  ];
  return `# What \`${specifier}\` gives its users

Written by \`npm run check:api -- --update\` from the declarations in \`dist/\`. A change of this file is a change of what
users compile against: it belongs in CHANGELOG.md.

\`\`\`ts
${code.join('\n\n')}
\`\`\`
`;
}

const textOf = ({ nodes }) => nodes.map(print).join('\n');
const print = (node) =>
  printer
    .printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
    .split('\n')
    .filter((line) => line.trim() !== '#private;')
    .join('\n');
