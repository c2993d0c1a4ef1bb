/** Query of every write: under this name `metadata.managedFields` records what the operator wrote. */
export const FIELD_MANAGER = { fieldManager: 'twilio-sink-operator' }
