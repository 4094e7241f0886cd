import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ENTRY = fileURLToPath(new URL('../../src/index.ts', import.meta.url));

const program = ts.createProgram([ENTRY], {
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
  const file = program.getSourceFile(ENTRY);
  const module = file && checker.getSymbolAtLocation(file);
  const symbol = module && checker.getExportsOfModule(module).find(({ name }) => name === exported);
  if (!symbol) throw new Error(`src/index.ts exports no ${exported}.`);
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  return checker.getDeclaredTypeOfSymbol(isAlias ? checker.getAliasedSymbol(symbol) : symbol);
}

function literal(type: ts.Type | undefined): string | undefined {
  return type?.isStringLiteral() ? type.value : undefined;
}

function namesIn(type: ts.Type): readonly string[] {
  return checker
    .getPropertiesOfType(type)
    .filter(({ valueDeclaration }) => !valueDeclaration || !isPrivate(valueDeclaration))
    .map(({ name }) => name.replace(/^__@(\w+)@\d+$/, '[Symbol.$1]'));
}

function isPrivate(declaration: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) !== 0;
}
