/**
 * Why there are no credentials. The message names a file and a line, and quotes nothing of what stands there or of what
 * a plugin printed: every part of it may be a secret.
 */
export class UnusableKubeconfig extends Error {
  override readonly name = 'UnusableKubeconfig'
}

/** Where the API server is and how it is to be spoken to. Secret as a whole. */
export interface Credentials {
  /** Origin, perhaps with a path before `/api`. */
  readonly server: string
  /** Several values are several headers of that name. */
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly tls: TlsSettings
  /** URL of an HTTP proxy between us and the API server; may hold its password. */
  readonly proxy: string | undefined
}

export interface TlsSettings {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly passphrase?: string
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

export interface CredentialSource {
  /** `fresh`: the API server refused the last ones, so nothing that is remembered may be used. */
  read(fresh: boolean): Promise<Credentials>
}
