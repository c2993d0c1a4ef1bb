import ts from 'typescript'

/** What one source file says about itself; `path` from the root of the repository, such as `src/sink/state.ts`. */
export interface SourceFacts {
  readonly path: string
  readonly lines: number
  readonly imports: readonly Import[]
  /** Uses of time, randomness and environment, such as `Date.now`. */
  readonly reads: readonly string[]
  readonly hasDefaultExport: boolean
  /** Names that it declares and exports, each once. */
  readonly exports: readonly string[]
  /** It passes on what others export, and has nothing of its own. */
  readonly isBarrel: boolean
  readonly functions: readonly FunctionFacts[]
}

export interface FunctionFacts {
  /** Of a function without one, that of the variable or property that it is the value of. */
  readonly name: string
  readonly lines: number
}

export interface Import {
  /** A path from the root, or the name of a package. */
  readonly target: string
  readonly isPackage: boolean
  /** Nothing of it remains at run time. */
  readonly onlyTypes: boolean
}

export function factsOf(path: string, text: string): SourceFacts {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true)
  const { statements } = source
  return {
    path,
    lines: text.trimEnd().split('\n').length,
    imports: [...importsOf(source), ...dynamicImportsOf(source)].map(({ specifier, onlyTypes }) => ({
      target: specifier.startsWith('.') ? resolved(path, specifier) : specifier,
      isPackage: !specifier.startsWith('.'),
      onlyTypes,
    })),
    reads: [...new Set(nodesOf(source).flatMap(readOf))].sort(),
    hasDefaultExport: statements.some(isDefaultExport),
    exports: [...new Set(statements.flatMap(exportedNames))],
    isBarrel:
      statements.some(ts.isExportDeclaration) &&
      statements.every((statement) => ts.isExportDeclaration(statement) || ts.isImportDeclaration(statement)),
    functions: nodesOf(source).flatMap((node) => functionOf(node, source)),
  }
}

function functionOf(node: ts.Node, source: ts.SourceFile): FunctionFacts[] {
  const isFunction =
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node)
  if (!isFunction || node.body === undefined) return []
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line
  const { parent } = node
  const isValue = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)
  const name = node.name ?? (isValue ? parent.name : undefined)
  return [{ name: name?.getText() ?? '', lines: lineOf(node.getEnd()) - lineOf(node.getStart()) + 1 }]
}

interface Named {
  readonly specifier: string
  readonly onlyTypes: boolean
}

function importsOf({ statements }: ts.SourceFile): Named[] {
  return statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const { moduleSpecifier } = statement
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return []
    return [{ specifier: moduleSpecifier.text, onlyTypes: namesOnlyTypes(statement) }]
  })
}

function namesOnlyTypes(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly
  const clause = statement.importClause
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  if (clause.name !== undefined || bindings === undefined || ts.isNamespaceImport(bindings)) return false
  return bindings.elements.every(({ isTypeOnly }) => isTypeOnly)
}

function dynamicImportsOf(source: ts.SourceFile): Named[] {
  return nodesOf(source).flatMap((node) => {
    if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) return []
    const [first] = node.arguments
    const specifier = first !== undefined && ts.isStringLiteral(first) ? first.text : '(computed)'
    return [{ specifier, onlyTypes: false }]
  })
}

const resolved = (from: string, specifier: string): string =>
  new URL(specifier, `file:///${from}`).pathname.slice(1)

function nodesOf(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = []
  ts.forEachChild(node, (child) => void children.push(child))
  return [node, ...children.flatMap(nodesOf)]
}

const MEMBERS: readonly string[] = [
  'Date.now',
  'performance.now',
  'Math.random',
  'crypto.randomUUID',
  'crypto.getRandomValues',
]
const NAMES: readonly string[] = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'process',
  'randomUUID',
  'randomBytes',
  'randomInt',
  'hostname',
  'homedir',
]

/** Names count where they are used, called or imported; a property or a declaration of that name does not. */
function readOf(node: ts.Node): string[] {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0)
    return ['new Date()']
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText()
    return MEMBERS.includes(text) ? [text] : []
  }
  if (!ts.isIdentifier(node) || !NAMES.includes(node.text)) return []
  const { parent } = node
  const isOwnName =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isPropertyAssignment(parent)
  return isOwnName ? [] : [node.text]
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  )
}

/** A schema and the type that has its name are one name. */
function exportedNames(statement: ts.Statement): string[] {
  const isExported =
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  if (!isExported) return []
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText())
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  return isNamed && statement.name !== undefined ? [statement.name.text] : []
}
