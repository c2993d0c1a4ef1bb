-- The conditions of a TwilioAccount follow kstatus: observedGeneration, Reconciling, Stalled, Ready. Changes that are held
-- make no account unhealthy: its credentials are good. The Sinks that wait for it say so themselves. Argo CD asks no script
-- about an object that is being deleted: it says "Pending deletion" itself.
local function condition(kind)
  if obj.status == nil or obj.status.conditions == nil then
    return nil
  end
  for _, one in ipairs(obj.status.conditions) do
    if one.type == kind then
      return one
    end
  end
  return nil
end

local function health(status, message)
  return { status = status, message = message }
end

if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "Waiting for the operator to look at the account")
end
local stalled = condition("Stalled")
if stalled ~= nil and stalled.status == "True" then
  return health("Degraded", stalled.message)
end
local reconciling = condition("Reconciling")
local ready = condition("Ready")
if ready ~= nil and ready.status == "True" and (reconciling == nil or reconciling.status ~= "True") then
  local held = condition("ChangesHeld")
  return health("Healthy", held ~= nil and held.message or ready.message)
end
local why = reconciling or ready
return health("Progressing", why ~= nil and why.message or "Waiting for the operator to look at the account")
