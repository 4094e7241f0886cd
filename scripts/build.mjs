// Builds the package into `dist`, or into the directory it is given: CommonJS code, and for each entry point an ES
// module that loads the same code and exports it by name.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const dist = resolve(process.argv[2] ?? `${ROOT}dist`);
const require = createRequire(import.meta.url);

rmSync(dist, { recursive: true, force: true });
const compiler = require.resolve('typescript/bin/tsc');
const compile = [compiler, '-p', `${ROOT}tsconfig.build.json`, '--outDir', dist];
const { status } = spawnSync(process.execPath, compile, { stdio: 'inherit' });
if (status !== 0) process.exit(1);

// Node and bundlers look for these two in the nearest package.json.
write('package.json', JSON.stringify({ type: 'commonjs', sideEffects: ['./**/*.mjs'] }));

const { exports } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
for (const entry of Object.values(exports)) {
  if (typeof entry === 'string') continue;
  const code = inDist(entry.require.default);
  const names = Object.keys(require(resolve(dist, code)));
  write(
    inDist(entry.import.default),
    `import 'reflect-metadata';\nexport { ${names.join(', ')} } from './${basename(code)}';\n`,
  );
  write(inDist(entry.import.types), `export * from './${basename(code)}';\n`);
}

/** @param {string} path such as `./dist/index.js` */
function inDist(path) {
  return path.replace('./dist/', '');
}

/** @param {string} path @param {string} text */
function write(path, text) {
  writeFileSync(resolve(dist, path), text);
}
