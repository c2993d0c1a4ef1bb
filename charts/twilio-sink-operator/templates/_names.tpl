{{- define "twilio-sink-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "twilio-sink-operator.fullname" -}}
{{- $name := include "twilio-sink-operator.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Of what is outside of the release's namespace: two releases of one name in two namespaces must not meet there. */}}
{{- define "twilio-sink-operator.qualifiedName" -}}
{{- printf "%s.%s" .Release.Namespace (include "twilio-sink-operator.fullname" .) -}}
{{- end -}}

{{- define "twilio-sink-operator.serviceAccountName" -}}
{{- default (include "twilio-sink-operator.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/* With `watchNamespaces`: where accounts may be, as JSON. */}}
{{- define "twilio-sink-operator.accountNamespaces" -}}
{{- $namespaces := append .Values.watchNamespaces .Release.Namespace -}}
{{- with .Values.account.ref -}}
{{- $namespaces = append $namespaces (splitList "/" . | first) -}}
{{- end -}}
{{- uniq $namespaces | toJson -}}
{{- end -}}

{{- define "twilio-sink-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "twilio-sink-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "twilio-sink-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "twilio-sink-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Those and the labels of one object, which win: `root`, `labels`. */}}
{{- define "twilio-sink-operator.labelsWith" -}}
{{- merge dict .labels (include "twilio-sink-operator.labels" .root | fromYaml) | toYaml -}}
{{- end -}}

{{/* What keeps the CRDs: Helm when the release goes, Argo CD when they are no longer in Git or the application goes. */}}
{{- define "twilio-sink-operator.crdAnnotations" -}}
{{- $kept := dict "helm.sh/resource-policy" "keep" "argocd.argoproj.io/sync-options" "Prune=false,Delete=false,ServerSideApply=true" -}}
{{- $gone := dict "argocd.argoproj.io/sync-options" "ServerSideApply=true" -}}
{{- merge dict .Values.crds.annotations (ternary $kept $gone .Values.crds.keep) | toYaml -}}
{{- end -}}

{{- define "twilio-sink-operator.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}
