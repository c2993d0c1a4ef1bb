{{/*
What the operator asks of the API server, and nothing else: an audit of its requests is part of the tests.
*/}}

{{/* Sinks in a namespace, or in all. */}}
{{- define "twilio-sink-operator.sinkRules" -}}
# patch: our finalizer and the journal of a create; never the spec.
- apiGroups: [events.twilio.com]
  resources: [sinks]
  verbs: [get, list, watch, patch]
- apiGroups: [events.twilio.com]
  resources: [sinks/status]
  verbs: [patch]
{{- end -}}

{{/* Accounts, and what Sinks and accounts both need where they are. */}}
{{- define "twilio-sink-operator.accountRules" -}}
- apiGroups: [events.twilio.com]
  resources: [twilioaccounts]
  verbs: [get, list, watch, patch]
- apiGroups: [events.twilio.com]
  resources: [twilioaccounts/status]
  verbs: [patch]
# By name, as objects refer to them: no list, no watch.
- apiGroups: ['']
  resources: [secrets]
  verbs: [get]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{/* In the operator's own namespace. */}}
{{- define "twilio-sink-operator.ownRules" -}}
{{- if .Values.operator.leaderElect }}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [twilio-sink-operator]
  verbs: [get, watch, patch]
# A name cannot be asked for here: the API server does not know it when it decides.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
{{- end }}
{{- if .Values.account.sid }}
- apiGroups: [events.twilio.com]
  resources: [twilioaccounts]
  resourceNames: [default]
  verbs: [create]
{{- end }}
{{- end -}}

{{/* Labels for the selectors of accounts; the UID of one for the installation id. */}}
{{- define "twilio-sink-operator.namespaceRule" -}}
- apiGroups: ['']
  resources: [namespaces]
  {{- with .name }}
  resourceNames: [{{ . }}]
  {{- end }}
  verbs: [get]
{{- end -}}

{{- define "twilio-sink-operator.subject" -}}
- kind: ServiceAccount
  name: {{ include "twilio-sink-operator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{/* A Role and its binding: `root`, `namespace`, `rules`. */}}
{{- define "twilio-sink-operator.role" }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ include "twilio-sink-operator.qualifiedName" .root }}
  namespace: {{ .namespace }}
  labels: {{- include "twilio-sink-operator.labels" .root | nindent 4 }}
rules: {{- .rules | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ include "twilio-sink-operator.qualifiedName" .root }}
  namespace: {{ .namespace }}
  labels: {{- include "twilio-sink-operator.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "twilio-sink-operator.qualifiedName" .root }}
subjects: {{- include "twilio-sink-operator.subject" .root | nindent 2 }}
{{- end -}}

{{/* A ClusterRole and its binding: `root`, `rules`. */}}
{{- define "twilio-sink-operator.clusterRole" }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ include "twilio-sink-operator.qualifiedName" .root }}
  labels: {{- include "twilio-sink-operator.labels" .root | nindent 4 }}
rules: {{- .rules | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ include "twilio-sink-operator.qualifiedName" .root }}
  labels: {{- include "twilio-sink-operator.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ include "twilio-sink-operator.qualifiedName" .root }}
subjects: {{- include "twilio-sink-operator.subject" .root | nindent 2 }}
{{- end -}}

{{- define "twilio-sink-operator.crdRule" -}}
{{- if .Values.rbac.crdRead }}
# Before each deletion at Twilio: taking the definition away must take no sink away.
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  resourceNames: [sinks.events.twilio.com]
  verbs: [get]
{{- end }}
{{- end -}}
