// Health-readers judges objects as Argo CD, kstatus and Flux do. Each line of standard input is one request in JSON,
// each line of standard output its answer: what was read, or {"error": …}.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type request struct {
	// Reader is "lua", "kstatus" or "cel".
	Reader string `json:"reader"`
	// Script of Argo CD, for "lua".
	Script string `json:"script"`
	// Expressions of Flux, for "cel".
	Expressions expressions               `json:"expressions"`
	Object      unstructured.Unstructured `json:"object"`
}

type verdict struct {
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		answer, err := answerTo(lines.Bytes())
		if err != nil {
			answer, _ = json.Marshal(map[string]string{"error": err.Error()})
		}
		fmt.Fprintf(out, "%s\n", answer)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answerTo(line []byte) ([]byte, error) {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	switch asked.Reader {
	case "lua":
		return runLua(asked.Script, asked.Object.Object)
	case "kstatus":
		result, err := status.Compute(&asked.Object)
		if err != nil {
			return nil, err
		}
		return json.Marshal(verdict{Status: string(result.Status), Message: result.Message})
	case "cel":
		word, err := asked.Expressions.read(&asked.Object)
		if err != nil {
			return nil, err
		}
		return json.Marshal(verdict{Status: word})
	}
	return nil, fmt.Errorf("no such reader: %q", asked.Reader)
}
