import { randomBytes } from 'node:crypto'

export type SidPrefix = 'AC' | 'SK' | 'DG' | 'DF' | 'RQ'

/** Source of fresh SIDs: two letters and 32 hexadecimal digits, as Twilio's are. */
export type NewSid = (prefix: SidPrefix) => string

/** Twice as many hexadecimal digits. */
export const hex = (bytes: number): string => randomBytes(bytes).toString('hex')

export const newRandomSid: NewSid = (prefix) => prefix + hex(16)

export function isSid(text: string, prefix: SidPrefix): boolean {
  return text.startsWith(prefix) && /^[0-9a-fA-F]{32}$/.test(text.slice(2))
}
