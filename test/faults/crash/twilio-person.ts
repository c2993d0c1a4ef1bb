/** Somebody else who uses the account, over plain HTTP and with a key of their own: what they do is told apart by it. */
export interface TwilioPerson {
  readonly key: { readonly sid: string; readonly secret: string }
  /** Makes a sink; resolves with its SID. */
  makeSink(description: string, destination: string): Promise<string>
  /** Makes a subscription that uses the sink; resolves with its SID. */
  subscribe(sinkSid: string): Promise<string>
  unsubscribe(sid: string): Promise<void>
}

export function twilioPerson(url: string, key: TwilioPerson['key']): TwilioPerson {
  const authorization = `Basic ${Buffer.from(`${key.sid}:${key.secret}`).toString('base64')}`
  const call = async (method: string, path: string, form?: Record<string, string>): Promise<string> => {
    const answer = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { authorization },
      ...(form && { body: new URLSearchParams(form) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? '' : (JSON.parse(text) as { sid: string }).sid
  }
  return {
    key,
    makeSink: (description, destination) =>
      call('POST', 'Sinks', {
        Description: description,
        SinkType: 'webhook',
        SinkConfiguration: JSON.stringify({ destination, method: 'POST', batch_events: false }),
      }),
    subscribe: (sinkSid) =>
      call('POST', 'Subscriptions', {
        Description: 'All messages',
        SinkSid: sinkSid,
        Types: JSON.stringify({ type: 'com.twilio.messaging.message.sent', schema_version: 1 }),
      }),
    unsubscribe: async (sid) => {
      await call('DELETE', `Subscriptions/${sid}`)
    },
  }
}
