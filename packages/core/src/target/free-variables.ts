/**
 * Which variables a function takes from outside itself: lexical scoping (ECMA-262, "Static Semantics: BoundNames,
 * VarDeclaredNames, LexicallyDeclaredNames") over an acorn syntax tree.
 *
 * Names are declared while the tree is walked and looked up only afterwards, so hoisting needs no second pass.
 */
import type { AnyNode, Function as FunctionNode, Identifier, Node, Pattern } from 'acorn'

/** A name used where nothing inside the function declares it. */
export interface FreeVariable {
  readonly name: string
  /** The property read from it, if that is all that is done with it there: compilers turn an import `f` into `module.f`. */
  readonly member?: string
  /** Index into the parsed text. */
  readonly start: number
}

/** What only makes sense at the place where the function was written. */
export interface Syntax {
  readonly kind: 'this' | 'super' | 'new.target' | 'import.meta' | 'private name'
  readonly start: number
}

export interface Outside {
  readonly variables: readonly FreeVariable[]
  readonly syntax: readonly Syntax[]
  /** Whether `import()` occurs. */
  readonly importsModules: boolean
}

interface Scope {
  readonly names: Set<string>
  readonly parent: Scope | undefined
  /** Where `var` lands: function bodies and static blocks. */
  readonly takesVar: boolean
}

interface Reference extends FreeVariable {
  readonly scope: Scope
}

/** What encloses a node, `var` scopes aside. */
interface Place {
  readonly scope: Scope
  /** Inside something with a `this` of its own (a non-arrow function, a field, a static block). */
  readonly ownThis: boolean
  /** Inside a method or field of an object or class that is itself inside the function. */
  readonly ownSuper: boolean
  readonly privateNames: ReadonlySet<string>
}

const NO_NAMES: ReadonlySet<string> = new Set()

/**
 * @param root any expression; the names it uses but does not declare are free
 * @param sloppy whether function declarations in blocks are also visible in the enclosing function (ECMA-262 Annex B.3.2)
 */
export function findOutside(root: Node, sloppy: boolean): Outside {
  const walker = new Walker(sloppy)
  walker.visit(root as AnyNode, { scope: newScope(undefined, true), ownThis: false, ownSuper: false, privateNames: NO_NAMES })
  const variables = walker.references
    .filter(({ name, scope }) => !isDeclared(name, scope))
    .map(({ scope: _, ...variable }) => variable)
  return { variables, syntax: walker.syntax, importsModules: walker.importsModules }
}

function newScope(parent: Scope | undefined, takesVar: boolean): Scope {
  return { names: new Set(), parent, takesVar }
}

function isDeclared(name: string, scope: Scope | undefined): boolean {
  for (let s = scope; s; s = s.parent) if (s.names.has(name)) return true
  return false
}

class Walker {
  readonly references: Reference[] = []
  readonly syntax: Syntax[] = []
  importsModules = false
  readonly #sloppy: boolean

  constructor(sloppy: boolean) {
    this.#sloppy = sloppy
  }

  visit(node: AnyNode | null | undefined, place: Place): void {
    if (!node) return
    switch (node.type) {
      case 'Identifier':
        this.references.push({ name: node.name, start: node.start, scope: place.scope })
        return
      case 'FunctionDeclaration':
        if (node.id) this.#declareFunction(node.id.name, place.scope)
        return this.#visitFunction(node, place)
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.#visitFunction(node, place)
      case 'ClassDeclaration':
      case 'ClassExpression':
        return this.#visitClass(node, place)
      case 'VariableDeclaration': {
        const scope = node.kind === 'var' ? varScope(place.scope) : place.scope
        for (const { id, init } of node.declarations) {
          this.#declarePattern(id, scope, place)
          this.visit(init, place)
        }
        return
      }
      case 'BlockStatement':
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
        return this.#visitChildren(node, { ...place, scope: newScope(place.scope, false) })
      case 'SwitchStatement': {
        this.visit(node.discriminant, place)
        const inner = { ...place, scope: newScope(place.scope, false) }
        for (const clause of node.cases) this.#visitChildren(clause, inner)
        return
      }
      case 'CatchClause': {
        const inner = { ...place, scope: newScope(place.scope, false) }
        if (node.param) this.#declarePattern(node.param, inner.scope, inner)
        return this.visit(node.body, inner)
      }
      case 'StaticBlock':
        return this.#visitChildren(node, { ...place, scope: newScope(place.scope, true), ownThis: true, ownSuper: true })
      case 'LabeledStatement':
        return this.visit(node.body, place)
      case 'BreakStatement':
      case 'ContinueStatement':
        return
      case 'MemberExpression':
        return this.#visitMember(node, place)
      case 'Property': {
        if (node.computed) this.visit(node.key as AnyNode, place)
        const isMethod = node.method || node.kind !== 'init'
        return this.visit(node.value as AnyNode, isMethod ? { ...place, ownSuper: true } : place)
      }
      case 'UnaryExpression':
        // `typeof x` of a name that exists nowhere is legal; whether it exists is just what is being asked.
        if (node.operator === 'typeof' && node.argument.type === 'Identifier') return
        return this.visit(node.argument, place)
      case 'MetaProperty': {
        const kind = node.meta.name === 'import' ? 'import.meta' : 'new.target'
        if (kind === 'import.meta' || !place.ownThis) this.#report(kind, node)
        return
      }
      case 'ThisExpression':
        if (!place.ownThis) this.#report('this', node)
        return
      case 'Super':
        if (!place.ownSuper) this.#report('super', node)
        return
      case 'PrivateIdentifier':
        if (!place.privateNames.has(node.name)) this.#report('private name', node)
        return
      case 'ImportExpression':
        this.importsModules = true
        return this.#visitChildren(node, place)
      default:
        return this.#visitChildren(node, place)
    }
  }

  #visitChildren(node: AnyNode, place: Place): void {
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) for (const item of value) isNode(item) && this.visit(item, place)
      else if (isNode(value)) this.visit(value, place)
    }
  }

  #visitMember(node: Extract<AnyNode, { type: 'MemberExpression' }>, place: Place): void {
    const { object, property } = node
    if (object.type === 'Identifier' && !node.computed && property.type === 'Identifier') {
      this.references.push({ name: object.name, member: property.name, start: object.start, scope: place.scope })
      return
    }
    this.visit(object, place)
    if (node.computed || property.type === 'PrivateIdentifier') this.visit(property, place)
  }

  #visitFunction(node: FunctionNode | Extract<AnyNode, { type: 'ArrowFunctionExpression' }>, place: Place): void {
    const isArrow = node.type === 'ArrowFunctionExpression'
    let { scope } = place
    if (node.type === 'FunctionExpression' && node.id) {
      scope = newScope(scope, false)
      scope.names.add(node.id.name)
    }
    // Two scopes, for the defaults of parameters do not see what the body declares.
    const head = newScope(scope, true)
    if (!isArrow) head.names.add('arguments')
    const inner: Place = { ...place, scope: head, ownThis: place.ownThis || !isArrow }
    for (const parameter of node.params) this.#declarePattern(parameter, head, inner)
    const body = { ...inner, scope: newScope(head, true) }
    if (node.body.type === 'BlockStatement') this.#visitChildren(node.body, body)
    else this.visit(node.body, body)
  }

  #visitClass(node: Extract<AnyNode, { type: 'ClassDeclaration' | 'ClassExpression' }>, place: Place): void {
    if (node.type === 'ClassDeclaration' && node.id) place.scope.names.add(node.id.name)
    const scope = newScope(place.scope, false)
    if (node.id) scope.names.add(node.id.name)
    const privateNames = new Set(place.privateNames)
    for (const element of node.body.body) {
      if ('key' in element && element.key.type === 'PrivateIdentifier') privateNames.add(element.key.name)
    }
    const outer = { ...place, scope, privateNames }
    const inner = { ...outer, ownThis: true, ownSuper: true }
    this.visit(node.superClass, outer)
    for (const element of node.body.body) {
      if (element.type === 'StaticBlock') this.visit(element, inner)
      else {
        if (element.computed) this.visit(element.key as AnyNode, outer)
        // A field's initialiser is a function body of its own; `arguments` in it is a SyntaxError, so only `var` needs a place.
        this.visit(element.value, inner)
      }
    }
  }

  /** Declares the names a pattern binds and visits what it evaluates: defaults and computed keys. */
  #declarePattern(pattern: Pattern, scope: Scope, place: Place): void {
    switch (pattern.type) {
      case 'Identifier':
        scope.names.add((pattern as Identifier).name)
        return
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element) this.#declarePattern(element, scope, place)
        return
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.type === 'RestElement') this.#declarePattern(property.argument, scope, place)
          else {
            if (property.computed) this.visit(property.key as AnyNode, place)
            this.#declarePattern(property.value as Pattern, scope, place)
          }
        }
        return
      case 'AssignmentPattern':
        this.#declarePattern(pattern.left, scope, place)
        return this.visit(pattern.right as AnyNode, place)
      case 'RestElement':
        return this.#declarePattern(pattern.argument, scope, place)
      default:
        // A member expression: the target of an assignment in a for-in or for-of head, which binds nothing.
        return this.visit(pattern as AnyNode, place)
    }
  }

  #declareFunction(name: string, scope: Scope): void {
    scope.names.add(name)
    if (this.#sloppy) varScope(scope).names.add(name)
  }

  #report(kind: Syntax['kind'], node: Node): void {
    this.syntax.push({ kind, start: node.start })
  }
}

function varScope(scope: Scope): Scope {
  let s = scope
  while (!s.takesVar && s.parent) s = s.parent
  return s
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}
