import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { setStage, type Stage } from '../operator/stage.ts'
import { BY_HAND, makeByHand } from './by-hand.ts'
import { sinksAtTwilio, countWrites, NO_WRITES } from './counts.ts'

const PAGE = 'docs/moving-in-and-out.md'
const KEY = { sid: `SK${'7'.repeat(32)}`, secret: 'secret-of-the-page' }

let stage: Stage
let folder: string

beforeAll(async () => {
  stage = await setStage({ name: 'page', account: false })
  const { accountSid: account, simulator } = stage
  await simulator.admin.addCredential({ username: KEY.sid, password: KEY.secret, account })
  folder = join(await mkdtemp(join(tmpdir(), 'page-')), 'exported')
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await stage.end()
})

/** As it stands on the page; only the namespace and the folder are the test's own. */
async function blocks(): Promise<string[]> {
  const page = await readFile(PAGE, 'utf8')
  return [...page.matchAll(/^```sh\n(.*?)^```$/gmsu)].map(([, commands = '']) =>
    commands
      .replaceAll(/(?<=-n |--namespace )shop\b/gu, stage.namespace)
      .replaceAll(/(?<=--output |-f )twilio-sinks\b/gu, folder),
  )
}

it('the commands of the page move a team in and out, and nothing changes at Twilio', async () => {
  await makeByHand(stage, BY_HAND)
  const before = await sinksAtTwilio(stage)
  const writes = await countWrites(stage)
  const { kubeconfigPath, kubectlPath } = stage.cluster
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfigPath,
    KUBECACHEDIR: join(stage.cluster.folder, 'kubectl-cache'),
    PATH: `${dirname(kubectlPath)}${delimiter}${process.env['PATH'] ?? ''}`,
    TWILIO_BASE_URL: stage.simulator.url,
    TWILIO_ACCOUNT_SID: stage.accountSid,
    TWILIO_API_KEY: KEY.sid,
    TWILIO_API_SECRET: KEY.secret,
  }
  const printed: string[] = []
  for (const commands of await blocks()) {
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], {
      env,
      timeout: 180_000,
    })
    printed.push(stdout)
  }
  expect(printed).toHaveLength(4)
  const [, applied = '', shown = '', released = ''] = printed
  for (const { sid } of before) {
    expect(shown).toContain(sid)
    expect(released).toContain(sid)
  }
  expect(applied.match(/condition met/gu)).toHaveLength(BY_HAND.length)
  expect(await stage.kubectl(['get', 'sinks,twilioaccounts', '-o', 'name'])).toBe('')
  expect(await sinksAtTwilio(stage)).toEqual(before)
  expect(await writes.next()).toEqual(NO_WRITES)
})
