package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/dtm-labs/client/dtmcli"
	"github.com/dtm-labs/client/workflow"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// caller calls an operation of the bank as the current branch of the workflow.
type caller func(wf *workflow.Workflow, input order, operation string, t transfer) error

// runWorkflowProcess serves the workflow `order`, and executes one if the environment has its input.
func runWorkflowProcess(to addresses, role, listen string) {
	engines := map[string]*sqlEngine{}
	if to.MariaDB != "" {
		engines["mariadb"] = openSQL("mariadb", "mysql", to.MariaDB)
	}
	if to.Postgres != "" {
		engines["postgres"] = openSQL("postgres", "postgres", to.Postgres)
	}
	listener, err := net.Listen("tcp", listen)
	must(err)
	call := callOverHTTP
	if role == "workflow-http" {
		workflow.InitHTTP(to.HTTP, "http://"+listen+"/resume")
		go func() { _ = http.Serve(listener, http.HandlerFunc(resume)) }()
	} else {
		server := grpc.NewServer()
		workflow.InitGrpc(to.GRPC, listen, server)
		go func() { _ = server.Serve(listener) }()
		call = callOverGRPC
	}
	retrySoon := func(wf *workflow.Workflow) { wf.RetryInterval = 1 }
	must(workflow.Register2("order", func(wf *workflow.Workflow, data []byte) ([]byte, error) {
		return runOrder(wf, data, engines, call)
	}, retrySoon))
	input, isThere := orderFromEnvironment()
	if !isThere {
		waitForKill()
	}
	atomic.StoreInt32(&isFirstLife, 1)
	result, err := workflow.Execute2("order", input.Gid, []byte(text(input)))
	if err != nil {
		fail(err)
	}
	fmt.Println(string(result))
}

// Only the process that began the workflow crashes in it.
var isFirstLife int32

func resume(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var result interface{} = map[string]string{}
	if err := workflow.ExecuteByQS(r.URL.Query(), body); err != nil {
		result = err
	}
	status, reply := dtmcli.Result2HttpJSON(result)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(reply)
}

func runOrder(wf *workflow.Workflow, data []byte, engines map[string]*sqlEngine, call caller) ([]byte, error) {
	var input order
	must(json.Unmarshal(data, &input))
	out := transfer{input.From, -10}

	wf.NewBranch().OnRollback(func(bb *dtmcli.BranchBarrier) error { return call(wf, input, "undo", out) })
	if err := call(wf, input, "adjust", out); err != nil {
		return nil, err
	}
	if input.Crashes && atomic.LoadInt32(&isFirstLife) == 1 {
		os.Exit(3)
	}

	wf.NewBranch().
		OnCommit(func(bb *dtmcli.BranchBarrier) error { return call(wf, input, "confirm", out) }).
		OnRollback(func(bb *dtmcli.BranchBarrier) error { return call(wf, input, "cancel", out) })
	if err := call(wf, input, "try", out); err != nil {
		return nil, err
	}

	engine := engines[input.Engine]
	wf.NewBranch()
	if _, err := wf.DoXa(engine.conf, func(db *sql.DB) ([]byte, error) {
		return nil, changeIn(db, input.From, -10, 0)
	}); err != nil {
		return nil, err
	}

	in := transfer{input.To, 30}
	wf.NewBranch().OnRollback(func(bb *dtmcli.BranchBarrier) error { return engine.adjust(bb, in.Account, -in.Amount) })
	if _, err := wf.Do(func(bb *dtmcli.BranchBarrier) ([]byte, error) {
		return []byte("moved"), engine.adjust(bb, in.Account, in.Amount)
	}); err != nil {
		return nil, err
	}
	if input.Fails {
		wf.NewBranch()
		// Not the other account: the XA branch holds its lock until the end.
		if err := call(wf, input, "adjust", transfer{input.To, -1000}); err != nil {
			return nil, err
		}
	}
	return []byte(orderResult), nil
}

func callOverHTTP(wf *workflow.Workflow, input order, operation string, t transfer) error {
	response, err := wf.NewRequest().SetBody(t).Post(input.Bank + "/" + input.Engine + "/" + operation)
	if err == nil {
		err = dtmcli.HTTPResp2DtmError(response)
	}
	return err
}

func callOverGRPC(wf *workflow.Workflow, input order, operation string, t transfer) error {
	address, service := splitService(input.Bank)
	connection, err := grpc.Dial(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithUnaryInterceptor(workflow.Interceptor))
	must(err)
	defer connection.Close()
	method := "/" + service + "/" + input.Engine + "_" + operation
	return connection.Invoke(wf.Context, method, wrapperspb.String(text(t)), &wrapperspb.StringValue{})
}

func splitService(url string) (address, service string) {
	for index := range url {
		if url[index] == '/' {
			return url[:index], url[index+1:]
		}
	}
	return url, ""
}
