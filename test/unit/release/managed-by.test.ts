import { describe, expect, test } from 'vitest'
import { managedBy } from '../../../src/release/managed-by.ts'
import { textTable } from '../../../src/release/table.ts'

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
