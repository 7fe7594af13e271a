package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// order is the input of the workflow `order`: a saga step, a TCC branch and an XA branch move 10 each.
type order struct {
	Gid, Bank, Engine, From, To string
	// Fails: the last step is refused. Crashes: the process ends after the first step was recorded.
	Fails, Crashes bool
}

const orderResult = `{"moved":30}`

// inWorkflowProcess starts the process that serves workflows, and lets it execute one where there is an input for it.
func inWorkflowProcess(l *lab, t transport, listen string, input *order) (output string, err error, stop func()) {
	args := []string{"-role", "workflow-" + t.name(), "-listen", listen, "-http", l.to.HTTP, "-grpc", l.to.GRPC,
		"-mariadb", l.to.MariaDB, "-postgres", l.to.Postgres}
	command := exec.Command(os.Args[0], args...)
	if input != nil {
		command.Env = append(os.Environ(), "WORKFLOW_ORDER="+text(input))
		bytes, err := command.Output()
		return strings.TrimSpace(string(bytes)), err, func() {}
	}
	must(command.Start())
	return "", nil, func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}
}

func newOrder(l *lab, t transport, e engine) (input order, listen string) {
	gid := unique("workflow")
	from, to := l.accounts(e, gid)
	bank := l.httpBank
	if t.name() == "grpc" {
		bank = l.grpcBank
	}
	return order{Gid: gid, Bank: bank, Engine: e.name(), From: from, To: to}, freeAddress()
}

func workflowSucceeds(l *lab, t transport, e engine) {
	input, listen := newOrder(l, t, e)
	output, err, _ := inWorkflowProcess(l, t, listen, &input)
	check(err == nil && output == orderResult, "it ended with %v and %q", err, output)
	l.settles(input.Gid, "succeed")
	balances(e, input.From, input.To, 70, 30)
	// Whoever executes it again is told its result, and nothing is called again.
	again, err, _ := inWorkflowProcess(l, t, listen, &input)
	check(err == nil && again == orderResult, "a second time it ended with %v and %q", err, again)
	check(l.callsOf(input.Gid, "adjust "+input.From) == 1, "a step was called twice")
	balances(e, input.From, input.To, 70, 30)
}

func workflowRollsBack(l *lab, t transport, e engine) {
	input, listen := newOrder(l, t, e)
	input.Fails = true
	output, _, _ := inWorkflowProcess(l, t, listen, &input)
	check(strings.Contains(output, "FAILURE"), "it ended with %q", output)
	l.settles(input.Gid, "failed")
	balances(e, input.From, input.To, 100, 0)
}

// The process ends after the first step; another one at the same address is asked by the coordinator to go on.
func workflowResumes(l *lab, t transport, e engine) {
	input, listen := newOrder(l, t, e)
	input.Crashes = true
	_, err, _ := inWorkflowProcess(l, t, listen, &input)
	check(err != nil, "it did not crash")
	status := l.awaited(input.Gid, func(status string) bool { return status != "" })
	check(status == "prepared", "after the crash it is %s", status)
	_, _, stop := inWorkflowProcess(l, t, listen, nil)
	defer stop()
	l.settles(input.Gid, "succeed")
	check(l.callsOf(input.Gid, "adjust "+input.From) == 1, "a recorded step was called again")
	balances(e, input.From, input.To, 70, 30)
}

func orderFromEnvironment() (input order, isThere bool) {
	value := os.Getenv("WORKFLOW_ORDER")
	if value == "" {
		return order{}, false
	}
	must(json.Unmarshal([]byte(value), &input))
	return input, true
}

func waitForKill() {
	for {
		time.Sleep(time.Hour)
	}
}

func fail(err error) {
	fmt.Println(err)
	os.Exit(4)
}
