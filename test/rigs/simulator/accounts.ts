import { z } from 'zod'
import { isSid } from './sids.ts'

const AccountSid = z.string().refine((text) => isSid(text, 'AC'), 'must be AC and 32 hexadecimal digits')
const KeySid = z.string().refine((text) => isSid(text, 'SK'), 'must be SK and 32 hexadecimal digits')

/** An account with its auth token (none: it is reached by API keys only). */
export const Account = z.strictObject({
  sid: AccountSid,
  authToken: z.string().min(1).optional(),
  keys: z.array(z.strictObject({ sid: KeySid, secret: z.string().min(1) })).default([]),
})
export type AccountInput = z.input<typeof Account>

/** A user name (account or key SID) with its password, the account it opens and the operations denied to it. */
export const Credential = z.strictObject({
  username: z.union([AccountSid, KeySid]),
  password: z.string().min(1),
  account: AccountSid,
  denied: z.array(z.string()).default([]),
  revoked: z.boolean().default(false),
})
export type Credential = z.infer<typeof Credential>
export type CredentialInput = z.input<typeof Credential>

/** What can change of a credential: a revoked one gets 401. */
export const CredentialChange = Credential.omit({ username: true }).partial()
export type CredentialChange = z.input<typeof CredentialChange>

/** A credential as administration shows it. */
export type CredentialView = Omit<Credential, 'password'>

/** Present when no account was given; the simulator's README names it. */
export const DEMO_ACCOUNT: AccountInput = {
  sid: 'AC00000000000000000000000000000000',
  authToken: 'demo-auth-token',
  keys: [{ sid: 'SK00000000000000000000000000000000', secret: 'demo-api-secret' }],
}

export interface Accounts {
  /** Adds an account, or credentials to one that exists. */
  add(account: unknown): void
  addCredential(credential: unknown): CredentialView
  /** `undefined` when there is no such user name. */
  changeCredential(username: string, change: unknown): CredentialView | undefined
  list(): { sids: string[]; credentials: CredentialView[] }
  /** The credential that the Authorization header proves, or `undefined`. */
  authenticate(header: string | undefined): Credential | undefined
  /** Back to the accounts of the start. */
  reset(): void
}

export function createAccounts(initial: readonly AccountInput[]): Accounts {
  const sids = new Set<string>()
  const credentials = new Map<string, Credential>()

  const put = (credential: Credential): CredentialView => {
    sids.add(credential.account)
    credentials.set(credential.username, credential)
    return view(credential)
  }

  const accounts: Accounts = {
    add: (input) => {
      const { sid, authToken, keys } = Account.parse(input)
      sids.add(sid)
      const common = { account: sid, denied: [], revoked: false }
      if (authToken !== undefined) put({ username: sid, password: authToken, ...common })
      for (const key of keys) put({ username: key.sid, password: key.secret, ...common })
    },
    addCredential: (input) => put(Credential.parse(input)),
    changeCredential: (username, change) => {
      const present = credentials.get(username)
      return present && put(Credential.parse({ ...present, ...CredentialChange.parse(change) }))
    },
    list: () => ({ sids: [...sids], credentials: [...credentials.values()].map(view) }),
    authenticate: (header) => {
      const basic = readBasic(header)
      const credential = basic && credentials.get(basic.username)
      return credential && !credential.revoked && credential.password === basic.password
        ? credential
        : undefined
    },
    reset: () => {
      sids.clear()
      credentials.clear()
      initial.forEach((account) => accounts.add(account))
    },
  }
  accounts.reset()
  return accounts
}

function view({ username, account, denied, revoked }: Credential): CredentialView {
  return { username, account, denied, revoked }
}

/** User name and password of a Basic header; the user name holds no colon. */
export function readBasic(header: string | undefined): { username: string; password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}
