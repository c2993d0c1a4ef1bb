import { describe, expect, test } from 'vitest'
import { managedBy, textTable } from '../../../../src/commands/release/row.ts'

describe('who would bring an object back', () => {
  test.each([
    [
      { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:events.twilio.com/Sink:shop/a' }, labels: {} },
      'Argo CD',
    ],
    [{ annotations: { 'meta.helm.sh/release-name': 'shop' }, labels: {} }, 'Helm'],
    [{ annotations: {}, labels: { 'kustomize.toolkit.fluxcd.io/name': 'shop' } }, 'Flux'],
  ])('%j', (metadata, who) => {
    expect(managedBy(metadata)).toContain(who)
  })

  test('is named without what a terminal would obey, and not at any length', () => {
    const named = `shop\u001b[2J\n${'x'.repeat(100_000)}`
    const told = managedBy({ annotations: { 'argocd.argoproj.io/tracking-id': named }, labels: {} }) ?? ''
    expect(told).toContain('shop')
    expect(told).not.toMatch(/\p{C}/u)
    expect(told.length).toBeLessThan(200)
  })

  test('is nobody when nobody has left a trace', () => {
    expect(managedBy({ annotations: { a: 'b' }, labels: { app: 'x' } })).toBeUndefined()
  })
})

describe('the table', () => {
  test('has columns as wide as what is in them', () => {
    expect(
      textTable(
        ['A', 'LONGER'],
        [
          ['long one', 'x'],
          ['b', ''],
        ],
      ),
    ).toBe('A         LONGER\nlong one  x\nb\n')
  })
})
