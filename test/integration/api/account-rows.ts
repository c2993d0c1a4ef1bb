import { accountManifest, OTHER_SINK_SID } from '../../unit/api/objects.ts'
import { createRow, type CreateRow, nameOf } from './create-row.ts'

type Spec = Record<string, unknown>

const account = (did: string, spec: Spec, refused?: string): CreateRow =>
  createRow(did, accountManifest(nameOf(did), spec), refused)

const from = (allowedNamespaces: Spec): Spec => ({ allowedNamespaces })
const byExpression = (expression: Spec): Spec =>
  from({ from: 'Selector', selector: { matchExpressions: [{ key: 'team', ...expression }] } })
const EXPRESSIONS = 'spec.allowedNamespaces.selector.matchExpressions[0]'
const other = (id: string, treatAs: string): Spec => ({ otherInstallations: [{ id, treatAs }] })
const SEPARATE = { id: 'abcde7', treatAs: 'Separate' }
const TWICE: Spec = { otherInstallations: [SEPARATE, SEPARATE] }

export const ACCOUNT_ROWS: CreateRow[] = [
  account('smallest account', {}),
  account('no account SID', { accountSid: undefined }, 'spec.accountSid: Required value'),
  account('account SID of a sink', { accountSid: OTHER_SINK_SID }, 'spec.accountSid: Forbidden'),
  account('no credentials', { credentialsSecretRef: undefined }, 'spec.credentialsSecretRef: Required value'),
  account(
    'credentials with a slash',
    { credentialsSecretRef: { name: 'a/b' } },
    'spec.credentialsSecretRef.name: Forbidden',
  ),
  account('all namespaces', from({ from: 'All' })),
  account('empty allowedNamespaces', from({})),
  account('namespaces by label', from({ from: 'Selector', selector: { matchLabels: { team: 'shop' } } })),
  account('every namespace by label', from({ from: 'Selector', selector: {} })),
  account(
    'a label that is none',
    from({ from: 'Selector', selector: { matchLabels: Object.fromEntries([['__proto__', 'a']]) } }),
    'spec.allowedNamespaces.selector.matchLabels: Invalid value',
  ),
  account('Selector without a selector', from({ from: 'Selector' }), 'spec.allowedNamespaces: Invalid value'),
  account('selector without Selector', from({ selector: {} }), 'spec.allowedNamespaces: Invalid value'),
  account('unknown from', from({ from: 'Some' }), 'spec.allowedNamespaces.from: Unsupported value'),
  account('label in a list', byExpression({ operator: 'In', values: ['a', 'b'] })),
  account('label that exists', byExpression({ operator: 'Exists' })),
  account('In without values', byExpression({ operator: 'In' }), `${EXPRESSIONS}: Invalid value`),
  account(
    'Exists with values',
    byExpression({ operator: 'Exists', values: ['a'] }),
    `${EXPRESSIONS}: Invalid value`,
  ),
  account('unknown operator', byExpression({ operator: 'Gt' }), `${EXPRESSIONS}.operator: Unsupported value`),
  account('imports from everywhere', { imports: 'Allowed' }),
  account('unknown imports', { imports: 'All' }, 'spec.imports: Unsupported value'),
  account('take over', other('abcde7', 'TakeOver')),
  account('separate', other('abcde7', 'Separate')),
  account(
    'installation by its UID',
    other('7c1f9a1e-0000', 'Separate'),
    'spec.otherInstallations[0].id: Too long',
  ),
  account(
    'installation in capitals',
    other('ABCDE7', 'Separate'),
    'spec.otherInstallations[0].id: Forbidden',
  ),
  account('installation twice', TWICE, 'spec.otherInstallations[1]: Duplicate value'),
  account(
    'unknown treatAs',
    other('abcde7', 'Ignore'),
    'spec.otherInstallations[0].treatAs: Unsupported value',
  ),
]
