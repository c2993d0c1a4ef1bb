package main

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// An entry of healthCheckExprs in a Kustomization of Flux.
type expressions struct {
	InProgress string `json:"inProgress"`
	Failed     string `json:"failed"`
	Current    string `json:"current"`
}

// read follows Flux's RFC 0009: a generation that nobody has observed is InProgress, then the first expression that is
// true counts; if none is, InProgress.
func (e expressions) read(object *unstructured.Unstructured) (string, error) {
	content := object.UnstructuredContent()
	observed, found, err := unstructured.NestedInt64(content, "status", "observedGeneration")
	if err == nil && found && observed != object.GetGeneration() {
		return string(status.InProgressStatus), nil
	}
	for _, row := range []struct {
		expression string
		status     status.Status
	}{
		{e.InProgress, status.InProgressStatus},
		{e.Failed, status.FailedStatus},
		{e.Current, status.CurrentStatus},
	} {
		holds, err := isTrue(row.expression, content)
		if err != nil {
			return "", err
		}
		if holds {
			return string(row.status), nil
		}
	}
	return string(status.InProgressStatus), nil
}

// isTrue evaluates with the libraries that Flux gives to an expression. An expression that is absent is false.
func isTrue(expression string, content map[string]any) (bool, error) {
	if expression == "" {
		return false, nil
	}
	env, err := cel.NewEnv(
		cel.HomogeneousAggregateLiterals(),
		cel.EagerlyValidateDeclarations(true),
		cel.DefaultUTCTimeZone(true),
		cel.CrossTypeNumericComparisons(true),
		cel.OptionalTypes(),
		ext.Strings(),
		ext.Sets(),
		ext.Encoders(),
	)
	if err != nil {
		return false, err
	}
	// Parsed, not checked: Flux knows no types of objects either.
	parsed, issues := env.Parse(expression)
	if issues != nil && issues.Err() != nil {
		return false, issues.Err()
	}
	program, err := env.Program(parsed)
	if err != nil {
		return false, err
	}
	value, _, err := program.Eval(content)
	if err != nil {
		return false, fmt.Errorf("%s: %w", expression, err)
	}
	holds, isBool := value.Value().(bool)
	if !isBool {
		return false, fmt.Errorf("%s: is no boolean", expression)
	}
	return holds, nil
}
