import { randomBytes } from 'node:crypto'

export type SidPrefix = 'AC' | 'SK' | 'DG' | 'DF' | 'RQ'

/** Source of fresh SIDs: two letters and 32 hexadecimal digits, as Twilio's are. */
export type NewSid = (prefix: SidPrefix) => string

export const newRandomSid: NewSid = (prefix) => prefix + randomBytes(16).toString('hex')

export function isSid(text: string, prefix: SidPrefix): boolean {
  return text.startsWith(prefix) && /^[0-9a-fA-F]{32}$/.test(text.slice(2))
}
