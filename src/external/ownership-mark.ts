import { createHash } from 'node:crypto'
import { MARK_PREFIX } from '../api/group.ts'

/**
 * The ownership mark at the end of a description at Twilio: ` [k8s:<installation>/<object>/<n>]`.
 *
 * It is all that tells our sinks from others and that leads back from a sink to its object, since Twilio offers
 * neither tags nor unique names. It depends on the object's name, not on its UID, so that an object restored from a
 * backup or from Git finds its sink. Test vector: docs/ownership-mark.md.
 */
export interface Mark {
  /** 6 base32 characters of SHA-256 over the installation id. */
  readonly installation: string
  /** 12 base32 characters of SHA-256 over `namespace/name` of the Sink. */
  readonly object: string
  /** Number of the attempt that made the sink. */
  readonly number: number
}

/** The parts of the mark that are the same for every sink of one object. */
export type Owner = Pick<Mark, 'installation' | 'object'>

export interface MarkedText {
  /** What the user wrote, without mark. */
  readonly text: string
  readonly mark: Mark | undefined
}

/** A mark with a larger number is not read: nobody would find its sink again. */
export const LARGEST_NUMBER = 999_999_999

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const MARK = /^\[k8s:(?<installation>[a-z2-7]{6})\/(?<object>[a-z2-7]{12})\/(?<number>\d{1,9})\]$/u

/** Ten times what a Sink can say. Of a longer text at Twilio nobody here ever needs the middle. */
const LONGEST_DESCRIPTION = 2_500

export const installationPart = (installationId: string): string => base32Digest(installationId, 6)
export const objectPart = (key: string): string => base32Digest(key, 12)

export function ownerOf(installationId: string, key: string): Owner {
  return { installation: installationPart(installationId), object: objectPart(key) }
}

export const sameOwner = (a: Owner, b: Owner): boolean =>
  a.installation === b.installation && a.object === b.object

/** `text` as Twilio should hold it: trimmed as a whole, since that is how it is read. */
export const markedDescription = (text: string, { installation, object, number }: Mark): string =>
  `${text.trim()} [k8s:${installation}/${object}/${number}]`.trim()

/** A mark counts only at the very end of the trimmed description: anything else is the user's text. */
export function readMark(description: string): MarkedText {
  const trimmed = description.trim()
  const begin = trimmed.lastIndexOf(MARK_PREFIX)
  const found = begin === -1 ? undefined : MARK.exec(trimmed.slice(begin))?.groups
  if (found === undefined) return { text: trimmed, mark: undefined }
  const { installation = '', object = '', number } = found
  const text = trimmed.slice(0, begin).trimEnd()
  return { text, mark: { installation, object, number: Number(number) } }
}

/** A description of Twilio's as this process keeps it: trimmed, and of a long one beginning and end, with its mark. */
export function boundedDescription(description: string): string {
  const trimmed = description.trim()
  if (trimmed.length <= LONGEST_DESCRIPTION) return trimmed
  const half = LONGEST_DESCRIPTION / 2
  return `${trimmed.slice(0, half)}…${trimmed.slice(-half)}`
}

/** Whether the middle of the description is not known: then it MUST NOT be written back. */
export const isShortened = (bounded: string): boolean => bounded.length > LONGEST_DESCRIPTION

function base32Digest(text: string, characters: number): string {
  const bytes = createHash('sha256').update(text).digest()
  let bits = 0n
  for (const byte of bytes.subarray(0, 8)) bits = (bits << 8n) | BigInt(byte)
  return Array.from({ length: characters }, (_, index) => {
    const shift = BigInt(64 - 5 * (index + 1))
    return BASE32.charAt(Number((bits >> shift) & 31n))
  }).join('')
}
