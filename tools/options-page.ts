import { flagsOf, variableOf } from '../src/options/flag.ts'
import { OPERATOR_OPTIONS } from '../src/options/options.ts'
import { markdownTable } from './markdown-table.ts'

/** docs/options.md */
export function optionsPage(): string {
  const rows = flagsOf(OPERATOR_OPTIONS.schema).map((flag) => [
    `\`--${flag.name}\``,
    flag.onlyOnCommandLine === true ? '' : `\`${variableOf(flag.name)}\``,
    flag.default === undefined ? '' : `\`${flag.default}\``,
    flag.meaning,
    flag.expected,
  ])
  return `# Options

This page lists the options of the operator. \`npm run generate\` writes it from the source.

Set an option by its flag (\`--poll-interval=1m\` or \`--poll-interval 1m\`) or by its environment variable. If both are
set, the flag wins. A boolean flag needs no value; to turn it off, write \`--leader-elect=false\` or \`--leader-elect false\`. An empty value counts as
not set. If a value is wrong, the process prints one line on standard error and exits with code 2. \`--help\` prints this
list. The chart has [a value](../charts/twilio-sink-operator/README.md) for every option but \`--kubeconfig\` and
\`--namespace\`.

These are the options of the command \`run\`, which is the default. \`help\` lists the commands. \`help export\` and
\`help release\` print the options of [those two commands](moving-in-and-out.md).

${markdownTable(['flag', 'variable', 'default', 'meaning', 'must be'], rows)}

\`KUBECONFIG\` has the same meaning as for kubectl. The operator uses it only if there is neither the flag nor the
ServiceAccount of a pod. \`HTTPS_PROXY\`, \`HTTP_PROXY\` and \`NO_PROXY\` have [the same meaning](install.md#behind-a-proxy), too.

Rules between options:

- \`--settle-time\` is at least twice \`--call-timeout\`.
- \`--settling-poll-interval\` is not longer than \`--poll-interval\`.
- The leader starts no change at Twilio in the last second before \`--renew-deadline\`. If the deadline is shorter than four seconds, it starts none in the last quarter of it.
- The Lease holds \`--lease-duration\` in whole seconds, rounded up. The other replicas wait for that time or for their own \`--lease-duration\`, whichever is longer.
- \`--retry-period\` is shorter than \`--renew-deadline\`, and \`--renew-deadline\` is shorter than \`--lease-duration\`.
- \`--default-account-sid\` and \`--default-account-secret\` are given together, and not together with \`--default-account\`. \`--default-account-imports=Allowed\` and \`--default-account-allowed-namespaces\` need both of them.
`
}
