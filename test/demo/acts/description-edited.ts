import type { DemoAct } from '../act.ts'
import { markedDescription, sidWhenReady, specPatch } from '../expectations.ts'
import { mustBe } from '../waiting.ts'

const TEXT = 'Orders for both warehouses'

export const descriptionEdited: DemoAct = {
  title: '3  A person edits the description of a Sink',
  steps: [
    {
      shows: 'the same sink at Twilio has the new description',
      see: async (stage) => {
        const sid = await sidWhenReady(stage, 'orders')
        await stage.kubectl.run(...specPatch('orders', { description: TEXT }))
        stage.memory.set('description of orders', await markedDescription(stage, sid, TEXT))
        mustBe('SID of orders', sid, await sidWhenReady(stage, 'orders'))
        return sid
      },
    },
  ],
}
