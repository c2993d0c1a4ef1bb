{{/*
Flags of the operator. Each value under `operator` is the flag of that name; what is empty is left to the operator.
*/}}
{{- define "twilio-sink-operator.args" -}}
{{- range $name, $value := .Values.operator }}
{{- if not (eq (toString $value) "") }}
- {{ printf "--%s=%v" (kebabcase $name) $value | quote }}
{{- end }}
{{- end }}
{{- with .Values.watchNamespaces }}
- {{ printf "--watch-namespaces=%s" (join "," .) | quote }}
{{- end }}
{{- with .Values.account }}
{{- if .sid }}
- {{ printf "--default-account-sid=%s" .sid | quote }}
- {{ printf "--default-account-secret=%s" .existingSecret | quote }}
- {{ printf "--default-account-imports=%s" .imports | quote }}
- {{ printf "--default-account-allowed-namespaces=%s" .allowedNamespaces | quote }}
{{- end }}
{{- if .ref }}
- {{ printf "--default-account=%s" .ref | quote }}
{{- end }}
{{- end }}
- {{ printf "--metrics-address=%s" (ternary (printf ":%v" .Values.metrics.port) "0" .Values.metrics.enabled) | quote }}
- {{ printf "--health-address=:%v" .Values.health.port | quote }}
{{- end -}}

{{/*
Variables for the proxy. The kubelet puts in the address of the API server, which no proxy need reach, also where `env`
names the proxy. A NO_PROXY in `env` is the whole list.
*/}}
{{- define "twilio-sink-operator.proxyEnv" -}}
{{- with .Values.proxy }}
{{- if .httpsProxy }}
- name: HTTPS_PROXY
  value: {{ .httpsProxy | quote }}
{{- end }}
{{- if .httpProxy }}
- name: HTTP_PROXY
  value: {{ .httpProxy | quote }}
{{- end }}
{{- $others := dict }}
{{- range $.Values.env }}
{{- $_ := set $others (upper .name) true }}
{{- end }}
{{- if and (or .httpsProxy .httpProxy .noProxy $others.HTTPS_PROXY $others.HTTP_PROXY) (not $others.NO_PROXY) }}
- name: NO_PROXY
  value: {{ list "$(KUBERNETES_SERVICE_HOST)" .noProxy | compact | join "," | quote }}
{{- end }}
{{- end }}
{{- end -}}
