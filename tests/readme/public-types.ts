import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ENTRIES = ['index.ts', 'hub/index.ts', 'testing/index.ts'].map((path) =>
  fileURLToPath(new URL(`../../src/${path}`, import.meta.url)),
);

const program = ts.createProgram(ENTRIES, {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  types: [],
  strict: true,
  experimentalDecorators: true,
});
const checker = program.getTypeChecker();

/** A diagnostic event as its type declares it. */
export interface DeclaredEvent {
  readonly level: string;
  /** `undefined` when the type allows more than one. */
  readonly name: string | undefined;
  readonly fields: readonly string[];
}

/** The names of the public members of an exported type or class. */
export function membersOf(exported: string): readonly string[] {
  return namesIn(typeOf(exported));
}

/** The strings of an exported union. */
export function stringsOf(exported: string): readonly string[] {
  const union = typeOf(exported);
  return union.isUnion() ? union.types.flatMap((type) => literal(type) ?? []) : [];
}

/** The events that an exported union of `[level, name, data]` tuples declares. */
export function eventsOf(exported: string): readonly DeclaredEvent[] {
  const union = typeOf(exported);
  if (!union.isUnion()) throw new Error(`${exported} is no union.`);
  return union.types.map((tuple) => {
    const [level, name, data] = checker.getTypeArguments(tuple as ts.TypeReference);
    return { level: literal(level) ?? '', name: literal(name), fields: data ? namesIn(data) : [] };
  });
}

function typeOf(exported: string): ts.Type {
  const symbol = symbols().find(({ name }) => name === exported);
  if (!symbol) throw new Error(`No entry point exports ${exported}.`);
  return checker.getDeclaredTypeOfSymbol(symbol);
}

/** What the entry points export, as it is declared. */
function symbols(): readonly ts.Symbol[] {
  return ENTRIES.flatMap((path) => {
    const file = program.getSourceFile(path);
    const module = file && checker.getSymbolAtLocation(file);
    if (!module) throw new Error(`${path} is no module.`);
    return checker.getExportsOfModule(module).map((symbol) => {
      const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
      return isAlias ? checker.getAliasedSymbol(symbol) : symbol;
    });
  });
}

function literal(type: ts.Type | undefined): string | undefined {
  return type?.isStringLiteral() ? type.value : undefined;
}

function namesIn(type: ts.Type): readonly string[] {
  return checker
    .getPropertiesOfType(type)
    .filter(({ name, valueDeclaration }) => !name.startsWith('#') && !(valueDeclaration && isPrivate(valueDeclaration)))
    .map(({ name }) => name.replace(/^__@(\w+)@\d+$/, '[Symbol.$1]'));
}

function isPrivate(declaration: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) !== 0;
}
