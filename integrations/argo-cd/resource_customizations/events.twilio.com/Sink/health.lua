-- The conditions of a Sink follow kstatus: observedGeneration, Reconciling, Stalled, Ready. Ready=False alone is no fault:
-- a sink that is being created says so, too. Suspended is what kstatus has no word for. Argo CD asks no script about an
-- object that is being deleted: it says "Pending deletion" itself.
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
  return health("Progressing", "Waiting for the operator to act on the spec")
end
if obj.spec.suspend == true then
  return health("Suspended", "spec.suspend is true: nothing is changed at Twilio")
end
local stalled = condition("Stalled")
if stalled ~= nil and stalled.status == "True" then
  return health("Degraded", stalled.message)
end
local reconciling = condition("Reconciling")
local ready = condition("Ready")
if ready ~= nil and ready.status == "True" and (reconciling == nil or reconciling.status ~= "True") then
  return health("Healthy", ready.message)
end
local why = reconciling or ready
return health("Progressing", why ~= nil and why.message or "Waiting for the operator to look at the Sink")
