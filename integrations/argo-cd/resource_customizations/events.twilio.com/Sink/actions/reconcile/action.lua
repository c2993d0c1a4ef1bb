local os = require("os")
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
-- A new value is a new request; it is answered in status.lastHandledReconcileAt.
obj.metadata.annotations["events.twilio.com/reconcile-requested-at"] = os.date("!%Y-%m-%dT%XZ")
return obj
