import twilio from 'twilio'

/** The account and the API key that a simulator has without being told. */
export const DEMO_ACCOUNT_SID = `AC${'0'.repeat(32)}`
export const API_KEY = { sid: `SK${'0'.repeat(32)}`, secret: 'demo-api-secret' }
const AUTH_TOKEN = 'demo-auth-token'

export type TwilioEvents = ReturnType<typeof twilio>['events']['v1']

/** The official library, unchanged but for where it calls. Signs in otherwise than the operator, like somebody else. */
export function twilioEvents(baseUrl: string): TwilioEvents {
  // Without `env` a TWILIO_REGION or TWILIO_EDGE of the user would rewrite the host.
  const library = twilio(DEMO_ACCOUNT_SID, AUTH_TOKEN, { env: {} })
  library.events.baseUrl = baseUrl
  return library.events.v1
}

/** Whether the library gets an answer for this SID; rejects when the answer is neither a sink nor 404. */
export async function existsAtTwilio(events: TwilioEvents, sid: string): Promise<boolean> {
  try {
    await events.sinks(sid).fetch()
    return true
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 404) return false
    throw error
  }
}
