import { FLAGS } from './option-table.ts'

/** What `--help` prints. */
export function optionHelp(): string {
  const width = Math.max(...FLAGS.map(({ name }) => name.length)) + 2
  const lines = FLAGS.map(({ name, meaning, default: value }) => {
    const suffix = value === undefined ? '' : ` (${value})`
    return `  --${name.padEnd(width)}${meaning}${suffix}`
  })
  return [
    'twilio-sink-operator: keeps Twilio Event Streams Sinks as Sink objects say',
    '',
    'Each option is also read from an environment variable: --poll-interval from POLL_INTERVAL.',
    'The default stands in brackets.',
    '',
    ...lines,
  ].join('\n')
}
