import { FLAGS, variableOf } from '../src/option-table.ts'
import { markdownTable } from './markdown-table.ts'

/** docs/options.md */
export function optionsPage(): string {
  const rows = FLAGS.map(({ name, kind, default: value, meaning, onlyOnCommandLine = false }) => [
    `\`--${name}\``,
    onlyOnCommandLine ? '' : `\`${variableOf(name)}\``,
    value === undefined ? '' : `\`${value}\``,
    meaning,
    kind.expected,
  ])
  return `# Options

Written by \`npm run generate\` from the table that the operator reads its options by.

An option is a flag, \`--poll-interval=1m\` or \`--poll-interval 1m\`, or the environment variable beside it; the flag goes
first. A switch needs no value; to turn it off write \`--leader-elect=false\`. An empty value counts as none. A wrong
value ends the process at once, with one line on standard error and exit code 2. \`--help\` prints this list. In the chart
[a value](../charts/twilio-sink-operator/README.md) stands for each.

These are the options of \`run\`, which is meant when no command is named. \`help\` lists the commands, and
\`help export\` and \`help release\` the options of [those two](moving-in-and-out.md).

${markdownTable(['flag', 'variable', 'default', 'meaning', 'must be'], rows)}

\`KUBECONFIG\` has the meaning that kubectl gives it: it is looked at after the flag and after what a pod is given.

These must fit one another:

- \`--settle-time\` is at least twice \`--call-timeout\`.
- \`--settling-poll-interval\` is not longer than \`--poll-interval\`.
- A leader begins no change at Twilio in the last second before \`--renew-deadline\`; with a deadline below four seconds, in its last quarter.
- \`--lease-duration\` is written into the Lease in whole seconds, rounded up; others wait for the longer of that and their own.
- \`--retry-period\` is shorter than \`--renew-deadline\`, and that is shorter than \`--lease-duration\`.
- \`--default-account-sid\` and \`--default-account-secret\` are given together, and not with \`--default-account\`; \`--default-account-imports=Allowed\` needs both.
`
}
