import { describe, expect, test } from 'vitest'
import { releaseSteps, type ReleaseFacts } from '../../../tools/release/release-steps.ts'
import { LeftOutError, runSteps, summaryOf, type Outcome, type Step } from '../../../tools/release/steps.ts'
import {
  attest,
  buildImage,
  pushChart,
  pushImage,
  sign,
  verify,
  type Target,
} from '../../../tools/release/target.ts'

const step = (name: string, more: Partial<Step> = {}): Step => ({
  name,
  after: [],
  programs: [],
  work: async () => `made ${name}`,
  ...more,
})
const run = (steps: readonly Step[], present: readonly string[] = []): Promise<Outcome[]> =>
  runSteps(steps, { say: () => undefined, has: async (program) => present.includes(program) })
const endsOf = (outcomes: readonly Outcome[]): string[] => outcomes.map(({ end }) => end)

describe('the steps of a release', () => {
  test('that wait for nothing run at the same time', async () => {
    const both = Promise.withResolvers<string>()
    let begun = 0
    const work = (): Promise<string> => {
      if (++begun === 2) both.resolve('')
      return both.promise
    }
    expect(endsOf(await run([step('a', { work }), step('b', { work })]))).toEqual(['done', 'done'])
  })

  test('begin when those before them have ended', async () => {
    const order: string[] = []
    const noted = (name: string, after: string[] = []): Step =>
      step(name, { after, work: async () => String(order.push(name)) })
    await run([noted('a'), noted('b', ['a']), noted('c', ['b'])])
    expect(order).toEqual(['a', 'b', 'c'])
  })

  test('are left out by name where a program is missing, and so is what comes after them', async () => {
    const outcomes = await run(
      [step('a', { programs: ['cosign', 'git'] }), step('b', { after: ['a'] }), step('c')],
      ['git'],
    )
    expect(endsOf(outcomes)).toEqual(['left out', 'left out', 'done'])
    expect(outcomes[0]?.words).toContain('cosign')
    expect(outcomes[0]?.words).not.toContain('git')
    expect(outcomes[1]?.words).toContain('a')
  })

  test('may leave themselves out, which is no failure', async () => {
    const work = (): Promise<string> => Promise.reject(new LeftOutError('no cluster'))
    expect(await run([step('a', { work })])).toMatchObject([{ end: 'left out', words: 'no cluster' }])
  })

  test('that fail end nothing but what comes after them', async () => {
    const work = (): Promise<string> => Promise.reject(new Error('no space'))
    const outcomes = await run([step('a', { work }), step('b', { after: ['a'] }), step('c')])
    expect(endsOf(outcomes)).toEqual(['failed', 'left out', 'done'])
    expect(summaryOf(outcomes)).toMatch(/^1 done, 1 left out, 1 failed$/mu)
  })

  test('are in an order that can be run', async () => {
    await expect(run([step('b', { after: ['a'] }), step('a')])).rejects.toThrow()
  })
})

const REFERENCE = `ghcr.io/somebody/twilio-sink-operator@sha256:${'0'.repeat(64)}`
const GITHUB: Target = {
  registry: 'ghcr.io/somebody',
  plainHttp: false,
  identity: 'https://github.com/somebody/x',
}
const LOOPBACK: Target = {
  registry: '127.0.0.1:5000',
  plainHttp: true,
  keys: { private: 'cosign.key', public: 'cosign.pub' },
}
const WORDS = { storage: [], trust: [], building: ['build'] }
const ORDER = {
  name: 'x',
  version: '1.2.0',
  revision: 'abc',
  time: '0',
  platforms: ['linux/amd64', 'linux/arm64'],
}

describe('what a release tells its programs', () => {
  test('is the same for a dry run, but for the registry and the key', () => {
    for (const tell of [sign, verify] as const) {
      const withoutOptions = (words: readonly string[]): string[] =>
        words.filter((word) => !word.startsWith('--'))
      expect(withoutOptions(tell(GITHUB, REFERENCE)).at(-1)).toBe(
        withoutOptions(tell(LOOPBACK, REFERENCE)).at(-1),
      )
    }
  })

  test('never weakens anything on a registry that others reach', () => {
    const all = [
      sign(GITHUB, REFERENCE),
      attest(GITHUB, REFERENCE, 'sbom.json'),
      verify(GITHUB, REFERENCE),
      pushChart(GITHUB, 'x.tgz'),
      pushImage(WORDS, ORDER, GITHUB, 'digest'),
    ].flat()
    expect(
      all.filter((word) => /insecure|http-registry|plain-http|tlog|tls-verify=false|^--key$/u.test(word)),
    ).toEqual([])
  })

  test('keeps what a dry run signs out of the public log', () => {
    for (const words of [sign(LOOPBACK, REFERENCE), attest(LOOPBACK, REFERENCE, 'sbom.json')])
      expect(words).toContain('--tlog-upload=false')
  })

  test('verifies who has signed, not only that somebody has', () => {
    expect(verify(GITHUB, REFERENCE)).toEqual(
      expect.arrayContaining(['--certificate-identity', GITHUB.identity, '--certificate-oidc-issuer']),
    )
  })

  test('builds every platform under one name, with version, revision and source', () => {
    const words = buildImage(WORDS, ORDER, { ...GITHUB, repository: 'https://github.com/somebody/x' })
    expect(words).toEqual(
      expect.arrayContaining([
        'linux/amd64,linux/arm64',
        'VERSION=1.2.0',
        'REVISION=abc',
        'org.opencontainers.image.source=https://github.com/somebody/x',
      ]),
    )
  })
})

test('nothing is signed before it is pushed, or verified before it is signed', async () => {
  const facts: ReleaseFacts = {
    version: '1.2.0',
    notes: '',
    target: LOOPBACK,
    output: 'nowhere',
    scratch: 'nowhere',
    bases: () => Promise.reject(new Error('must not be asked')),
  }
  const first = [step('registry'), step('key pair')]
  const steps = releaseSteps(facts, { pushing: ['registry'], signing: ['key pair'] })
  // Their programs are missing everywhere, so that none works.
  const needing = steps.map((one) => ({ ...one, programs: ['missing'] }))
  const outcomes = await run([...first, ...needing])
  expect(endsOf(outcomes).slice(0, 2)).toEqual(['done', 'done'])
  expect(new Set(endsOf(outcomes).slice(2))).toEqual(new Set(['left out']))
  const after = Object.fromEntries(steps.map((one) => [one.name, one.after]))
  expect(after['signature of the image']).toContain('image')
  expect(after['signature of the chart']).toContain('chart')
  expect(after['verification']).toEqual(['attestation of the SBOM', 'signature of the chart'])
})
