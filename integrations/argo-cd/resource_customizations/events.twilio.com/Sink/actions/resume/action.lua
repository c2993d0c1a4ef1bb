-- Absent is false, and what most manifests say.
obj.spec.suspend = nil
return obj
