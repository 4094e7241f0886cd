// Packs into the directory that it is given what `npm pack` does in a clean clone, and writes npm's report of it as
// JSON. It builds in a copy, apart from the repository's `dist`, which tests neither need nor touch.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const directory = process.argv.at(-1);
const copy = join(directory, 'copy');

function npm(cwd, ...args) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

const [{ files }] = JSON.parse(npm(ROOT, 'pack', '--dry-run', '--ignore-scripts', '--json'));
const shipped = files.map(({ path }) => path).filter((path) => !path.startsWith('dist/'));
for (const path of [...shipped, 'scripts', 'tsconfig.json', 'tsconfig.build.json', 'src']) {
  cpSync(join(ROOT, path), join(copy, path), { recursive: true });
}
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
npm(copy, 'run', 'build');
console.log(npm(copy, 'pack', '--ignore-scripts', '--json', '--pack-destination', directory));
rmSync(copy, { recursive: true });
