{{/*
What values.schema.json cannot say in words that help. A value that may be a credential in the wrong place is not repeated.
*/}}
{{- define "twilio-sink-operator.checks" -}}
{{- with .Values -}}
{{- if not .image.repository -}}
{{- fail "image.repository is required: no image of this operator is published yet. Build one and push it to your registry, then give its name without the tag: --set image.repository=REGISTRY/twilio-sink-operator" -}}
{{- end -}}
{{- if regexMatch "@|:[^/]*$" .image.repository -}}
{{- fail "image.repository must be a name without tag or digest: use image.tag and image.digest for them" -}}
{{- end -}}
{{- $durations := dict -}}
{{- range $name := list "pollInterval" "settlingPollInterval" "callTimeout" "settleTime" "leaseDuration" "renewDeadline" "retryPeriod" -}}
{{- $value := index $.Values.operator $name -}}
{{- if not (regexMatch "^[0-9]+([.][0-9]+)?(ms|s|m|h)$" $value) -}}
{{- fail (printf "operator.%s must be a duration such as 500ms, 1.5s or 5m, not %q" $name $value) -}}
{{- end -}}
{{- $milliseconds := include "twilio-sink-operator.milliseconds" $value | float64 -}}
{{- if or (lt $milliseconds 1.0) (gt $milliseconds 86400000.0) -}}
{{- fail (printf "operator.%s must be a duration from 1ms to 24h, not %q" $name $value) -}}
{{- end -}}
{{- $_ := set $durations $name $milliseconds -}}
{{- end -}}
{{- if lt $durations.settleTime (mulf 2 $durations.callTimeout) -}}
{{- fail "operator.settleTime must be at least twice operator.callTimeout: a create must not be repeated while Twilio may still process the first one" -}}
{{- end -}}
{{- if gt $durations.settlingPollInterval $durations.pollInterval -}}
{{- fail "operator.settlingPollInterval must not be longer than operator.pollInterval" -}}
{{- end -}}
{{- if ge $durations.renewDeadline $durations.leaseDuration -}}
{{- fail "operator.renewDeadline must be shorter than operator.leaseDuration" -}}
{{- end -}}
{{- if ge $durations.retryPeriod $durations.renewDeadline -}}
{{- fail "operator.retryPeriod must be shorter than operator.renewDeadline" -}}
{{- end -}}
{{- if not (regexMatch "^https://[^/?#@[:space:]]+(/[^?#[:space:]]*)?$|^http://(localhost|127[.][0-9.]+|\\[::1\\])(:[0-9]+)?(/[^?#[:space:]]*)?$" .operator.twilioBaseUrl) -}}
{{- fail "operator.twilioBaseUrl must begin with https:// (http:// is for loopback only), and have neither credentials nor query nor fragment" -}}
{{- end -}}
{{- if and .account.sid (not (regexMatch "^AC[0-9a-fA-F]{32}$" .account.sid)) -}}
{{- fail "account.sid must be the Account SID of Twilio: AC and 32 hexadecimal digits" -}}
{{- end -}}
{{- if and .account.existingSecret (not (regexMatch "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$" .account.existingSecret)) -}}
{{- fail "account.existingSecret must be the name of a Secret in the namespace of the release; do not put the credentials themselves into the values" -}}
{{- end -}}
{{- if ne (empty .account.sid) (empty .account.existingSecret) -}}
{{- fail "account.sid and account.existingSecret must be given together: the Account SID, and the name of the Secret with its credentials" -}}
{{- end -}}
{{- if and .account.sid .account.ref -}}
{{- fail "account.ref names an existing TwilioAccount, account.sid creates one: give only one of them" -}}
{{- end -}}
{{- if and (eq .account.imports "Allowed") (not .account.sid) -}}
{{- fail "account.imports only applies to the TwilioAccount of account.sid: on any other TwilioAccount set spec.imports" -}}
{{- end -}}
{{- range $name := list "httpsProxy" "httpProxy" -}}
{{- $value := index $.Values.proxy $name -}}
{{- if contains "@" $value -}}
{{- fail (printf "proxy.%s must not contain a user name or a password, because everybody who may read the Deployment can see it: leave it empty, put the URL into a Secret, and set the variable in env with valueFrom.secretKeyRef" $name) -}}
{{- end -}}
{{- if and $value (not (regexMatch "^(https?://)?[^/?#[:space:]]+/?$" $value)) -}}
{{- fail (printf "proxy.%s must be the URL of an HTTP proxy, such as http://proxy.example.com:3128" $name) -}}
{{- end -}}
{{- end -}}
{{- if and (ne .account.allowedNamespaces "All") (not .account.sid) -}}
{{- fail "account.allowedNamespaces only applies to the TwilioAccount of account.sid: on any other TwilioAccount set spec.allowedNamespaces" -}}
{{- end -}}
{{- if and (not .operator.leaderElect) (gt (int .replicaCount) 1) -}}
{{- fail "operator.leaderElect=false is only for a single pod: set replicaCount=1, or leave leader election on" -}}
{{- end -}}
{{- if not (or .serviceAccount.create .serviceAccount.name) -}}
{{- fail "serviceAccount.name is required with serviceAccount.create=false: the name of the ServiceAccount that you have created. The roles would otherwise be bound to the ServiceAccount default, which other pods of the namespace use" -}}
{{- end -}}
{{- range $labels := list .commonLabels .serviceAccount.labels .metrics.service.labels .serviceMonitor.labels .podMonitor.labels .prometheusRule.labels -}}
{{- range $key := keys $labels -}}
{{- if has $key (list "helm.sh/chart" "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/version" "app.kubernetes.io/managed-by") -}}
{{- fail (printf "the label %s is set by the chart itself: take it out of commonLabels and of the labels of single objects" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .serviceMonitor.enabled .podMonitor.enabled -}}
{{- fail "serviceMonitor.enabled and podMonitor.enabled cannot be given together: Prometheus would read each pod twice, and sums would be too high" -}}
{{- end -}}
{{- if and (or .serviceMonitor.enabled .podMonitor.enabled) (not .metrics.enabled) -}}
{{- fail "serviceMonitor.enabled and podMonitor.enabled need metrics.enabled=true" -}}
{{- end -}}
{{- if and (or .prometheusRule.enabled .grafanaDashboard.enabled) (not .metrics.enabled) -}}
{{- fail "prometheusRule.enabled and grafanaDashboard.enabled need metrics.enabled=true: without metrics the alert for a missing leader never ends" -}}
{{- end -}}
{{- if and .serviceMonitor.enabled (not .metrics.service.enabled) -}}
{{- fail "serviceMonitor.enabled needs metrics.service.enabled=true; without a Service set podMonitor.enabled" -}}
{{- end -}}
{{- if and .podDisruptionBudget.minAvailable .podDisruptionBudget.maxUnavailable -}}
{{- fail "podDisruptionBudget.minAvailable and podDisruptionBudget.maxUnavailable cannot be given together" -}}
{{- end -}}
{{- if and .networkPolicy.enabled .hostNetwork -}}
{{- fail "networkPolicy.enabled has no effect with hostNetwork, because no NetworkPolicy applies to pods in the network of the node: give only one of them" -}}
{{- end -}}
{{- if and .networkPolicy.enabled .proxy.httpsProxy (empty .networkPolicy.egress) -}}
{{- $port := trimPrefix ":" (regexFind ":[0-9]+" (regexReplaceAll "^[a-z]+://" .proxy.httpsProxy "")) | default (ternary "443" "80" (hasPrefix "https://" .proxy.httpsProxy)) -}}
{{- if ne $port "443" -}}
{{- fail (printf "networkPolicy.enabled lets the pods reach no proxy on port %s: add a rule to networkPolicy.egress, such as {to: [{ipBlock: {cidr: 192.0.2.1/32}}], ports: [{port: %s}]}" $port $port) -}}
{{- end -}}
{{- end -}}
{{- if and .metrics.enabled (eq (int .metrics.port) (int .health.port)) -}}
{{- fail "metrics.port and health.port must differ, because the pod opens both" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- define "twilio-sink-operator.milliseconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 -}}
{{- mulf (regexFind "^[0-9.]+" .) (index $units (regexFind "[a-z]+$" .)) -}}
{{- end -}}
