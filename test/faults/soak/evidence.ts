import { readFileSync } from 'node:fs'
import type { SoakFindings } from './both-sides.ts'
import { tellsOf } from './deeds.ts'
import type { People } from './people.ts'
import type { SoakScene } from './scene.ts'

/** What people and Twilio know of the names that were found. */
export async function showEvidence(
  { twilio, operator }: SoakScene,
  people: People,
  findings: SoakFindings,
  say: (text: string) => void,
): Promise<void> {
  const found: readonly string[] = Object.values(findings).flat()
  const names = new Set(found.flatMap((text) => /\bs-\d+/u.exec(text) ?? []))
  const journal = await twilio.journal()
  say(`-- the account: ${JSON.stringify(await people.desk.account())}`)
  for (const name of names) {
    say(`-- ${name}`)
    people.desk.storyOf(name).forEach(say)
    const sids = new Set(journal.filter((call) => tellsOf(call.description) === name).map(({ sid }) => sid))
    for (const call of journal.filter(
      ({ sid, description }) => tellsOf(description) === name || (sid !== null && sids.has(sid)),
    ))
      say(
        `${new Date(call.startedAt).toISOString()} ${call.operation} ${call.sid ?? ''} by ${call.credential ?? ''} status ${call.status ?? 'none'} committed ${call.committed} ${call.fault ?? ''} ${call.description ?? ''}`,
      )
    const log = readFileSync(operator.logPath, 'utf8').split('\n')
    log
      .filter((text) => text.includes(`/${name}"`))
      .slice(-10)
      .forEach(say)
  }
}
