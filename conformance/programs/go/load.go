package main

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dtm-labs/client/dtmgrpc"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const warmUp = 2 * time.Second

// Sagas of two steps, submitted by gRPC and waited for, with branches that answer at once: for docs/benchmarks.md, no test.
func runLoad(dtm string, inFlight int, seconds int) {
	branches := serveBranches()
	var done, failed, isMeasured int64
	end := time.Now().Add(warmUp + time.Duration(seconds)*time.Second)
	var running sync.WaitGroup
	for worker := 0; worker < inFlight; worker++ {
		running.Add(1)
		go func() {
			defer running.Done()
			for time.Now().Before(end) {
				saga := dtmgrpc.NewSagaGrpc(dtm, unique("load")).
					Add(branches+"Act", branches+"Undo", wrapperspb.String("30")).
					Add(branches+"Act", branches+"Undo", wrapperspb.String("30"))
				saga.WaitResult = true
				err := saga.Submit()
				if atomic.LoadInt64(&isMeasured) == 0 {
					continue
				}
				if err == nil {
					atomic.AddInt64(&done, 1)
				} else {
					atomic.AddInt64(&failed, 1)
				}
			}
		}()
	}
	time.Sleep(warmUp)
	atomic.StoreInt64(&isMeasured, 1)
	running.Wait()
	fmt.Printf("%d sagas/s, %d failed\n", done/int64(seconds), failed)
}

// The address of a service whose methods do nothing, up to the method's name.
func serveBranches() string {
	answer := func(_ interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
		return &emptypb.Empty{}, decode(&wrapperspb.StringValue{})
	}
	methods := []grpc.MethodDesc{{MethodName: "Act", Handler: answer}, {MethodName: "Undo", Handler: answer}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{ServiceName: "load.Load", HandlerType: (*interface{})(nil), Methods: methods}, struct{}{})
	go func() { must(server.Serve(listener)) }()
	return listener.Addr().String() + "/load.Load/"
}
