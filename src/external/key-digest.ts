import { createHash } from 'node:crypto'
import { asTwilioWrites } from '../api/identifier.ts'

/**
 * What is kept of a credential's user name (the SID of an API key, or of the account for an auth token): it
 * distinguishes keys, and nobody who reads a status or an annotation learns the SID.
 */
export type KeyDigest = string

const LENGTH = 16

/** 16 characters of base64url of SHA-256 over the user name: 96 bits. */
export const keyDigest = (username: string): KeyDigest =>
  createHash('sha256').update(username).digest('base64url').slice(0, LENGTH)

const USERNAME = /^(?:SK|AC)[0-9a-fA-F]{32}$/u

/** What a journal holds: the digest, or the user name itself where version 0.1 has written it. */
export const asKeyDigest = (text: string): KeyDigest =>
  USERNAME.test(text) ? keyDigest(asTwilioWrites(text)) : text
