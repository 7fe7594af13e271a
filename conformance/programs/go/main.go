// Programs with DTM's own Go SDK, run against a coordinator by its addresses.
//
// Each scenario is a transaction as a user of that SDK writes it; what it left in the databases is looked at. The
// report has a line of JSON for each scenario.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/dtm-labs/logger"
)

type outcome struct {
	Name  string `json:"name"`
	Error string `json:"error"`
	Ms    int64  `json:"ms"`
}

func main() {
	var to addresses
	var report, only, role, listen string
	flag.StringVar(&to.HTTP, "http", "", "the coordinator's HTTP API, up to /api/dtmsvr")
	flag.StringVar(&to.GRPC, "grpc", "", "the coordinator's gRPC address")
	flag.StringVar(&to.Postgres, "postgres", "", "URL of PostgreSQL")
	flag.StringVar(&to.MariaDB, "mariadb", "", "URL of MariaDB or MySQL")
	flag.StringVar(&to.Redis, "redis", "", "URL of Redis")
	flag.StringVar(&report, "report", "", "file for the report")
	flag.StringVar(&only, "only", "", "scenarios whose name contains this")
	flag.StringVar(&role, "role", "", "workflow-http or workflow-grpc: the process of a workflow, started by its scenario; bank: one among other languages; load: sagas by gRPC, measured")
	flag.StringVar(&listen, "listen", "", "for a role: where it listens")
	inFlight := flag.Int("inflight", 64, "for the role load: sagas side by side")
	seconds := flag.Int("seconds", 5, "for the role load: how long it is measured")
	flag.Parse()
	logger.InitLog("fatal")
	if role == "bank" {
		runBankProcess(to, listen)
		return
	}
	if role == "load" {
		runLoad(to.GRPC, *inFlight, *seconds)
		return
	}
	if role != "" {
		runWorkflowProcess(to, role, listen)
		return
	}
	outcomes := runScenarios(openLab(to), only)
	file, err := os.Create(report)
	must(err)
	for _, one := range outcomes {
		must(json.NewEncoder(file).Encode(one))
	}
	must(file.Close())
}

func runScenarios(lab *lab, only string) []outcome {
	var wanted []scenario
	for _, one := range scenariosOf(lab) {
		if strings.Contains(one.name, only) {
			wanted = append(wanted, one)
		}
	}
	outcomes := make([]outcome, len(wanted))
	var running sync.WaitGroup
	for index := range wanted {
		running.Add(1)
		go func(index int) {
			defer running.Done()
			startedAt := time.Now()
			err := attempt(wanted[index].run)
			outcomes[index] = outcome{wanted[index].name, err, time.Since(startedAt).Milliseconds()}
		}(index)
	}
	running.Wait()
	return outcomes
}

// Why a scenario failed, or nothing: the SDK reports some errors by panic.
func attempt(run func()) (reason string) {
	defer func() {
		if caught := recover(); caught != nil {
			reason = fmt.Sprint(caught)
		}
	}()
	run()
	return ""
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func check(is bool, format string, values ...interface{}) {
	if !is {
		panic(fmt.Sprintf(format, values...))
	}
}
