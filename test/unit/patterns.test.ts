import { globSync, readFileSync } from 'node:fs'
import { RegExpParser, type AST } from '@eslint-community/regexpp'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import {
  DESTINATION_FORMAT,
  ACCOUNT_SID_RULE,
  EXTERNAL_ID_FORMAT,
  ROLE_ARN_FORMAT,
  SINK_SID_RULE,
  STREAM_ARN_FORMAT,
  WRITE_KEY_FORMAT,
} from '../../src/api/identifier.ts'
import { processorMs } from './processor-time.ts'

/**
 * Texts come from Twilio, Secrets, annotations and files, and their writers can make them long. A pattern that takes
 * more than one step for each character then stops the process, and the next leader after it.
 */
const ROOT = new URL('../../', import.meta.url)

interface Pattern {
  readonly place: string
  readonly source: string
  readonly flags: string
}

/** All pattern literals of `src`. Nothing there makes a pattern of a text but `value-rule.ts`, of the rules below. */
const LITERALS: readonly Pattern[] = globSync('src/**/*.ts', { cwd: ROOT }).flatMap((path) =>
  literalsOf(path, readFileSync(new URL(path, ROOT), 'utf8')),
)
const RULES: readonly Pattern[] = [
  ...[DESTINATION_FORMAT, EXTERNAL_ID_FORMAT, WRITE_KEY_FORMAT, STREAM_ARN_FORMAT, ROLE_ARN_FORMAT].flatMap(
    ({ patterns, causes = [] }) => [...patterns, ...causes],
  ),
  ...[SINK_SID_RULE, ACCOUNT_SID_RULE],
].map(({ pattern }) => ({ place: 'a rule', source: pattern, flags: 'u' }))

function literalsOf(path: string, text: string): Pattern[] {
  const found: Pattern[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      found.push({ place: path, source: node.text.slice(1, end), flags: node.text.slice(end + 1) })
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true))
  return found
}

type Part = AST.Alternative['elements'][number]

const isUnbounded = (part: Part): boolean => part.type === 'Quantifier' && part.max === Infinity

const alternativesOf = (part: Part): readonly AST.Alternative[] => {
  if (part.type === 'Quantifier') return alternativesOf(part.element)
  return part.type === 'Group' || part.type === 'CapturingGroup' ? part.alternatives : []
}

const holdsUnbounded = (part: Part): boolean =>
  alternativesOf(part).some(({ elements }) => elements.some((one) => isUnbounded(one) || holdsUnbounded(one)))

const mayBeEmpty = (part: Part): boolean => {
  if (part.type === 'Assertion') return true
  if (part.type === 'Quantifier') return part.min === 0 || mayBeEmpty(part.element)
  const alternatives = alternativesOf(part)
  return alternatives.length > 0 && alternatives.some(({ elements }) => elements.every(mayBeEmpty))
}

/** Whether a repeat without bound can be what the part begins or ends with. */
function touches(part: Part, side: 'begin' | 'end'): boolean {
  if (isUnbounded(part)) return true
  return alternativesOf(part).some(({ elements }) => {
    for (const one of side === 'begin' ? elements : elements.toReversed()) {
      if (touches(one, side)) return true
      if (!mayBeEmpty(one)) return false
    }
    return false
  })
}

function hasAdjacent(elements: readonly Part[]): boolean {
  return elements.some((part, at) => {
    if (alternativesOf(part).some((inner) => hasAdjacent(inner.elements))) return true
    if (!touches(part, 'end')) return false
    const next = elements.slice(at + 1)
    const solid = next.findIndex((one) => !mayBeEmpty(one))
    return next.slice(0, solid === -1 ? undefined : solid + 1).some((one) => touches(one, 'begin'))
  })
}

const hasNested = (elements: readonly Part[]): boolean =>
  elements.some(
    (part) =>
      (isUnbounded(part) && holdsUnbounded(part)) ||
      alternativesOf(part).some((inner) => hasNested(inner.elements)),
  )

/** Tried anew at each place of a text, and each time read to where something is missing. */
function isTriedEverywhere(elements: readonly Part[]): boolean {
  const [first] = elements
  if (first?.type === 'Assertion' && first.kind === 'start') return false
  return elements.slice(0, -1).some((part) => isUnbounded(part) || holdsUnbounded(part))
}

function problemOf({ source, flags }: Pattern): string | undefined {
  const { alternatives } = new RegExpParser().parsePattern(source, 0, source.length, {
    unicode: flags.includes('u'),
  })
  for (const { elements } of alternatives) {
    if (hasNested(elements)) return 'a repeat without bound inside another'
    if (hasAdjacent(elements)) return 'two repeats without bound side by side'
    if (isTriedEverywhere(elements)) return 'no beginning, and something behind a repeat without bound'
  }
  return undefined
}

describe('a pattern of src', () => {
  test('is found at all', () => {
    expect(LITERALS.length).toBeGreaterThan(20)
    expect(RULES.length).toBeGreaterThan(6)
  })

  test.each([...LITERALS, ...RULES])(
    '$place: $source has repeats that cannot be combined in many ways',
    (pattern) => {
      expect(problemOf(pattern)).toBeUndefined()
    },
  )

  /** Milliseconds; a pattern that takes a step for each pair of characters needs seconds. */
  const LONGEST = 400
  const SIZE = 50_000

  test.each(LITERALS)(
    '$place: $source takes no longer for a hostile text than for another one',
    ({ source, flags }) => {
      const characters = new Set([...' \tax0=-./:*[\u0000\ufffd', ...source])
      for (const character of characters) {
        for (const text of [
          character.repeat(SIZE),
          `${character.repeat(SIZE)}\u0001`,
          `a${character}`.repeat(SIZE / 2),
        ]) {
          const began = processorMs()
          text.replace(new RegExp(source, flags), '')
          expect(processorMs() - began, JSON.stringify(text.slice(0, 4))).toBeLessThan(LONGEST)
        }
      }
    },
  )

  test('is never made of a text, but in the one place that knows its rules', () => {
    const makers = globSync('src/**/*.ts', { cwd: ROOT }).filter((path) =>
      /\bRegExp\(/u.test(readFileSync(new URL(path, ROOT), 'utf8')),
    )
    expect(makers).toEqual(['src/api/value-rule.ts'])
  })
})

test.each([
  ['(a+)+$', 'inside'],
  ['^(?:a*b?)*$', 'inside'],
  ['^a*a*$', 'side by side'],
  ['^(a+)(?:b?)\\s*c', 'side by side'],
  ['^([^]*?)\\s*\\[k8s', 'side by side'],
  ['[a-z]+:', 'no beginning'],
  ['/+$', 'no beginning'],
])('the pattern %s would be noticed', (source, why) => {
  expect(problemOf({ place: '', source, flags: '' })).toContain(why)
})
