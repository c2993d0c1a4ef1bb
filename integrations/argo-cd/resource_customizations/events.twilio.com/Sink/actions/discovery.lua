local suspended = obj.spec.suspend == true
local actions = {}
-- A suspended Sink answers no request.
actions["reconcile"] = { ["disabled"] = suspended }
actions["suspend"] = { ["disabled"] = suspended }
actions["resume"] = { ["disabled"] = not suspended }
return actions
