/**
 * Twilio's record of a sink with its configuration in clear, as only an export needs it. Secret as a whole: it MUST NOT
 * reach a log, an error or a terminal.
 */
export interface ClearSink {
  readonly sid: string
  readonly description: string
  /** Twilio's word, also one that we do not know. */
  readonly sinkType: string
  /** Members in Twilio's snake_case, as answered. */
  readonly configuration: Readonly<Record<string, unknown>>
  /** ISO 8601. */
  readonly dateCreated: string
}
