import type { BuildahWords } from '../../test/image/buildah.ts'

export interface KeyFiles {
  readonly private: string
  readonly public: string
}

/** Where a release goes and who signs it. */
export interface Target {
  /** Host with the path before the names: `ghcr.io/owner`, in a dry run `127.0.0.1:<port>`. */
  readonly registry: string
  /** Only on loopback. */
  readonly plainHttp: boolean
  /** Files of a key pair. Without it cosign signs as the workflow that it runs in, which `identity` names. */
  readonly keys?: KeyFiles
  readonly identity?: string
  /** https://github.com/owner/name; undefined where nobody knows it. */
  readonly repository?: string
}

export const imageOf = ({ registry }: Target): string => `${registry}/twilio-sink-operator`
/** Helm adds the name of the chart. */
export const chartsOf = ({ registry }: Target): string => `oci://${registry}/charts`
export const chartOf = ({ registry }: Target): string => `${registry}/charts/twilio-sink-operator`

const ISSUER = 'https://token.actions.githubusercontent.com'

/** Nothing that a dry run signs is written into the public log. */
function signing({ plainHttp, keys }: Target): string[] {
  return [
    '--yes',
    ...(plainHttp ? ['--allow-http-registry'] : []),
    ...(keys === undefined
      ? []
      : ['--key', keys.private, '--use-signing-config=false', '--tlog-upload=false']),
  ]
}

function verifying({ plainHttp, keys, identity }: Target): string[] {
  const who =
    keys === undefined
      ? ['--certificate-identity', identity ?? '', '--certificate-oidc-issuer', ISSUER]
      : ['--key', keys.public, '--insecure-ignore-tlog=true']
  return [...(plainHttp ? ['--allow-http-registry'] : []), ...who]
}

/** Arguments of cosign; `reference` ends with a digest, so that what is signed is what was pushed. */
export const sign = (target: Target, reference: string): string[] => [
  'sign',
  '--recursive',
  ...signing(target),
  reference,
]

export const attest = (target: Target, reference: string, sbom: string): string[] => [
  'attest',
  '--type',
  'cyclonedx',
  '--predicate',
  sbom,
  ...signing(target),
  reference,
]

export const verify = (target: Target, reference: string): string[] => [
  'verify',
  ...verifying(target),
  reference,
]

export const verifyAttestation = (target: Target, reference: string): string[] => [
  'verify-attestation',
  '--type',
  'cyclonedx',
  ...verifying(target),
  reference,
]

/** Arguments of helm. */
export const pushChart = (target: Target, archive: string): string[] => [
  'push',
  archive,
  chartsOf(target),
  ...(target.plainHttp ? ['--plain-http'] : []),
]

/** What a build starts from. */
export interface Bases {
  readonly words: BuildahWords
  readonly platforms: readonly string[]
  /** What stands in for something else; empty if nothing does. */
  readonly lacks: string
}

export const PLATFORMS: readonly string[] = ['linux/amd64', 'linux/arm64']

export interface ImageOrder {
  readonly name: string
  readonly version: string
  readonly revision: string
  /** Of the commit, in seconds: what is built twice is the same. */
  readonly time: string
  readonly platforms: readonly string[]
}

/** Arguments of buildah: all platforms under one name, from the Dockerfile of this folder. */
export const buildImage = (words: BuildahWords, order: ImageOrder, { repository }: Target): string[] => [
  ...words.storage,
  ...words.building,
  '--platform',
  order.platforms.join(','),
  '--timestamp',
  order.time,
  '--build-arg',
  `VERSION=${order.version}`,
  '--build-arg',
  `REVISION=${order.revision}`,
  ...(repository === undefined ? [] : ['--label', `org.opencontainers.image.source=${repository}`]),
  '--manifest',
  order.name,
  '.',
]

export const pushImage = (
  words: BuildahWords,
  order: ImageOrder,
  target: Target,
  digestFile: string,
): string[] => [
  ...words.storage,
  'manifest',
  'push',
  '--all',
  ...words.trust,
  `--tls-verify=${!target.plainHttp}`,
  '--digestfile',
  digestFile,
  order.name,
  `docker://${imageOf(target)}:${order.version}`,
]
