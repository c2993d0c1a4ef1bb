import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ApiServerFiles } from './api-server.ts'

const AUDIT_POLICY = fileURLToPath(new URL('audit-policy.yaml', import.meta.url))

/** Writes what an API server needs before its first start: keys, an administrator's token, an audit policy. */
export async function writeControlPlaneFiles(
  folder: string,
  auditPolicy: string = AUDIT_POLICY,
): Promise<ApiServerFiles> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const files: ApiServerFiles = {
    tokens: join(folder, 'tokens.csv'),
    adminToken: randomBytes(32).toString('hex'),
    serviceAccountKey: join(folder, 'service-account.key'),
    serviceAccountPublicKey: join(folder, 'service-account.pub'),
    auditPolicy: join(folder, 'audit-policy.yaml'),
    auditLog: join(folder, 'audit.log'),
    certDir: join(folder, 'certificates'),
  }
  const ownerOnly = { mode: 0o600 }
  await mkdir(files.certDir, { recursive: true })
  await writeFile(files.serviceAccountKey, privateKey, ownerOnly)
  await writeFile(files.serviceAccountPublicKey, publicKey, ownerOnly)
  await writeFile(files.tokens, `${files.adminToken},admin,admin,system:masters\n`, ownerOnly)
  await writeFile(files.auditLog, '', ownerOnly)
  await copyFile(auditPolicy, files.auditPolicy)
  return files
}
