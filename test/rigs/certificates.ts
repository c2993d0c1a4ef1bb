import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Keys and certificates in a folder of their own. */
export class Certificates {
  readonly #folder = mkdtempSync(join(tmpdir(), 'certificates-'))

  /** `NAME.pem` and `NAME.key`. */
  read(file: string): Buffer {
    return readFileSync(this.path(file))
  }

  path(file: string): string {
    return join(this.#folder, file)
  }

  authority(name: string): void {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
    this.#openssl('req', '-x509', ...NEW_KEY, '-days', '2', '-subj', `/CN=${name}`, ...files)
  }

  /** For 127.0.0.1 and such other names as `DNS:events.example.com`. */
  certificate(name: string, issuer: string, ...others: readonly string[]): void {
    const names = ['IP:127.0.0.1', ...others].join(',')
    writeFileSync(join(this.#folder, 'extensions'), `subjectAltName=${names}`)
    this.#openssl('req', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
    const by = [
      '-CA',
      `${issuer}.pem`,
      '-CAkey',
      `${issuer}.key`,
      '-CAcreateserial',
      '-extfile',
      'extensions',
    ]
    this.#openssl('x509', '-req', '-in', `${name}.csr`, '-days', '2', ...by, '-out', `${name}.pem`)
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: 'ignore' })
  }
}
