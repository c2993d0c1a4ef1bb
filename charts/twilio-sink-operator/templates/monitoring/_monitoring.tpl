{{/* Name, namespace and labels of an object for monitoring: `root`, `place`, its values, and `labels`. */}}
{{- define "twilio-sink-operator.monitoringMetadata" -}}
{{- $namespace := .place.namespace | default .root.Release.Namespace -}}
name: {{ include (printf "twilio-sink-operator.%s" (ternary "fullname" "qualifiedName" (eq $namespace .root.Release.Namespace))) .root }}
namespace: {{ $namespace }}
labels: {{- include "twilio-sink-operator.labelsWith" (dict "root" .root "labels" .labels) | nindent 2 }}
{{- end -}}

{{/* How Prometheus reads the metrics of a pod: the values of a monitor. */}}
{{- define "twilio-sink-operator.endpoint" -}}
port: metrics
path: /metrics
# The label `namespace` is that of the Sinks.
honorLabels: true
{{- with .interval }}
interval: {{ . }}
{{- end }}
{{- with .scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with .relabelings }}
relabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The value operator.pollInterval in seconds. */}}
{{- define "twilio-sink-operator.pollSeconds" -}}
{{- $unit := regexFind "[a-z]+$" .Values.operator.pollInterval -}}
{{- mulf (trimSuffix $unit .Values.operator.pollInterval) (get (dict "ms" 0.001 "s" 1 "m" 60 "h" 3600) $unit) -}}
{{- end -}}
