import type { Act } from '../act.ts'
import { markedDescription, sidWhenReady, specPatch } from '../expectations.ts'
import { mustBe } from '../waiting.ts'

const TEXT = 'Orders for both warehouses'

export const descriptionEdited: Act = {
  title: '3  A description is edited',
  steps: [
    {
      shows: 'Twilio has the new text, in the same sink',
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
