import type { Stage } from '../stage.ts'

/** What a reader has to fill in, by the word that stands for it on the page. */
export type FillIn = Readonly<Record<string, string>>

/** On pages the namespace of the stage is called so. */
export const PAGE_NAMESPACE = 'shop'

const TWILIO = 'https://events.twilio.com'

interface Command {
  readonly words: readonly string[]
  readonly stdin: string | undefined
}

/** Runs what a page tells its reader to run; comments are not for a machine. */
export async function runAll(stage: Stage, text: string, fillIn: FillIn): Promise<void> {
  for (const { words, stdin } of commandsOf(filledIn(stage, text, fillIn))) {
    const [program, ...args] = words
    if (program === 'kubectl') await stage.kubectl(args, stdin)
    else if (program === 'curl') await curl(stage, args)
    else throw new Error(`A page names a program that no test can run: ${program}`)
  }
}

function filledIn(stage: Stage, text: string, fillIn: FillIn): string {
  const ours = text.replaceAll(new RegExp(`\\b${PAGE_NAMESPACE}\\b`, 'gu'), stage.namespace)
  return Object.entries(fillIn).reduce((all, [word, value]) => all.replaceAll(word, value), ours)
}

/** Words as a shell would part them: blanks and single quotes, and `<<EOF` for the lines that follow. */
function commandsOf(text: string): Command[] {
  return [...text.matchAll(/^(?!#)(\S.*?)(?: <<EOF\n([^]*?)\nEOF)?$/gmu)].map(([, line = '', stdin]) => ({
    words: [...line.matchAll(/'([^']*)'|(\S+)/gu)].map(([, quoted, plain]) => quoted ?? plain ?? ''),
    stdin,
  }))
}

/** The call that `curl -X METHOD -u … URL` makes, at the simulated Twilio. */
async function curl({ simulator, accountSid, token }: Stage, args: readonly string[]): Promise<void> {
  const method = args[args.indexOf('-X') + 1] ?? ''
  const url = args.find((word) => word.startsWith(TWILIO)) ?? ''
  const authorization = `Basic ${Buffer.from(`${accountSid}:${token}`).toString('base64')}`
  const { ok, status } = await fetch(url.replace(TWILIO, simulator.url), {
    method,
    headers: { authorization },
  })
  if (!ok) throw new Error(`curl ${args.join(' ')}: ${status}`)
}

/** What a person types to delete something at Twilio. */
export const deleteAtTwilio = (path: string): string =>
  `curl -X DELETE -u $TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN ${TWILIO}/v1/${path}`
