// Every text of both languages, made with facts of every kind that its type allows: nothing that is absent is ever printed.
import path from 'node:path';
import test from 'ava';
import {
  API,
  type Symbol as Named,
  type Signature,
  SignatureKind,
  SymbolFlags,
  type Type,
  TypeFlags,
  type TypeReference,
} from 'typescript/unstable/sync';
import { en } from '../../src/text/en.js';
import { zh } from '../../src/text/zh.js';
import { root } from '../helpers/command-line.js';

/** Which of the values that a type allows. */
interface Choice {
  /** Of unions: this one, counted round. */
  readonly nth: number;
  readonly withOptional: boolean;
  readonly withElements: boolean;
}

const digest = `sha256:${'a'.repeat(64)}`;

const file = path.join(root, 'src/text/en.ts');
const compiler = new API();
const project = compiler
  .updateSnapshot({ openProjects: [path.join(root, 'tsconfig.json')] })
  .getDefaultProjectForFile(file);
if (project === undefined) throw new Error(file);
const { checker, program } = project;

const typeOf = (symbol: Named): Type => {
  const type = checker.getTypeOfSymbol(symbol);
  if (type === undefined) throw new Error(symbol.name);
  return type;
};
const callOf = (type: Type): Signature | undefined =>
  checker.getSignaturesOfType(type, SignatureKind.Call)[0];

/** What a type allows, asked of the compiler once: each question is a message to another process. */
type Shape =
  | { readonly is: 'value'; readonly value: unknown }
  | { readonly is: 'union'; readonly members: readonly Shape[]; readonly mayBeAbsent: boolean }
  | { readonly is: 'list'; readonly elements: readonly Shape[] }
  | { readonly is: 'function'; readonly makes: Shape }
  | { readonly is: 'map'; readonly properties: readonly Property[] };

interface Property {
  readonly name: string;
  readonly isOptional: boolean;
  readonly shape: Shape;
}

const shapes = new Map<Type, Shape>();

function shapeOf(type: Type): Shape {
  const known = shapes.get(type) ?? readShape(type);
  shapes.set(type, known);
  return known;
}

function readShape(type: Type): Shape {
  const value = (of: unknown): Shape => ({ is: 'value', value: of });
  if (type.isUnionType()) {
    const isAbsent = (one: Type): boolean => (one.flags & TypeFlags.Undefined) !== 0;
    const all = type.getTypes();
    const members = all.filter((one) => !isAbsent(one)).map(shapeOf);
    return { is: 'union', members, mayBeAbsent: all.some(isAbsent) };
  }
  if (type.isLiteralType()) return value(type.value);
  if ((type.flags & TypeFlags.BooleanLiteral) !== 0) return value(checker.typeToString(type) === 'true');
  if ((type.flags & TypeFlags.NumberLike) !== 0) return value(3);
  if ((type.flags & TypeFlags.String) !== 0) return value('word');
  if ((type.flags & TypeFlags.Null) !== 0) return value(null);
  // Branded strings are digests.
  if (type.isIntersectionType() || (type.flags & TypeFlags.StringLike) !== 0) return value(digest);
  if ((type.flags & TypeFlags.Undefined) !== 0) return value(undefined);
  if (checker.isArrayType(type) || checker.isTupleType(type))
    return { is: 'list', elements: checker.getTypeArguments(type as TypeReference).map(shapeOf) };
  const call = callOf(type);
  if (call !== undefined) {
    const made = checker.getReturnTypeOfSignature(call);
    return { is: 'function', makes: made === undefined ? value(undefined) : shapeOf(made) };
  }
  const properties = checker.getPropertiesOfType(type).map(
    (property): Property => ({
      name: property.name,
      isOptional: (property.flags & SymbolFlags.Optional) !== 0,
      shape: shapeOf(typeOf(property)),
    }),
  );
  return { is: 'map', properties };
}

function sampleOf(shape: Shape, choice: Choice): unknown {
  switch (shape.is) {
    case 'value':
      return shape.value;
    case 'union': {
      if (!choice.withOptional && shape.mayBeAbsent) return undefined;
      const chosen = shape.members[choice.nth % shape.members.length];
      return chosen === undefined ? undefined : sampleOf(chosen, choice);
    }
    case 'list':
      return choice.withElements ? shape.elements.map((one) => sampleOf(one, choice)) : [];
    case 'function':
      return () => sampleOf(shape.makes, choice);
    case 'map':
      return Object.fromEntries(
        shape.properties
          .filter(({ isOptional }) => choice.withOptional || !isOptional)
          .map(({ name, shape: one }) => [name, sampleOf(one, choice)]),
      );
  }
}

/** Every function of the catalogue: where it stands, and what it takes. */
function functionsOf(type: Type, keys: readonly string[] = []): [readonly string[], Signature][] {
  const call = callOf(type);
  if (call !== undefined) return [[keys, call]];
  if ((type.flags & TypeFlags.Object) === 0 || checker.isArrayType(type)) return [];
  return checker
    .getPropertiesOfType(type)
    .flatMap((property) => functionsOf(typeOf(property), [...keys, property.name]));
}

const at = (catalogue: unknown, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((found, key) => (found as Record<string, unknown>)[key], catalogue);

const source = program.getSourceFile(file);
const catalogue =
  source === undefined ? undefined : checker.getSymbolAtPosition(file, source.text.indexOf('en = {'));
const functions = catalogue === undefined ? [] : functionsOf(typeOf(catalogue));
const choices = [true, false].flatMap((withOptional) =>
  [true, false].flatMap((withElements) =>
    Array.from({ length: 12 }, (_, nth): Choice => ({ nth, withOptional, withElements })),
  ),
);

test.after(() => compiler.close());

for (const [language, words] of Object.entries({ en, zh })) {
  test(`no text of ${language} prints a fact that is absent`, (t) => {
    t.true(functions.length > 300);
    const wrong = functions.flatMap(([keys, signature]) => {
      const parameters = signature.getParameters().map((one) => shapeOf(typeOf(one)));
      const make = at(words, keys) as (...facts: unknown[]) => unknown;
      return choices.flatMap((choice) => {
        const facts = parameters.map((one) => sampleOf(one, choice));
        const said = JSON.stringify(make(...facts)) ?? 'undefined';
        return /undefined|NaN|\[object/.test(said)
          ? [`${keys.join('.')} ${JSON.stringify(facts)}: ${said}`]
          : [];
      });
    });
    t.deepEqual([...new Set(wrong)], []);
  });
}
