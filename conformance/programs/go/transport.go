package main

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/dtm-labs/client/dtmcli"
	"github.com/dtm-labs/client/dtmgrpc"
	"github.com/go-resty/resty/v2"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// step names what a branch does: an operation with its counterpart, and the transfer.
type step struct {
	action, compensate string
	transfer
}

// transport is the SDK over one protocol.
type transport interface {
	name() string
	url(e engine, operation string) string
	saga(gid string, e engine, wait bool, orders map[int][]int, steps ...step) error
	tcc(gid string, call func(branch func(e engine, try string, t transfer) error) error) error
	xa(gid string, call func(branch func(e engine, t transfer) error) error) error
	msg(gid string, target string, t transfer) message
	subscribe(topic, target string)
}

type message interface {
	Prepare(queryPrepared string) error
	Submit() error
	DoAndSubmit(queryPrepared string, do func(bb *dtmcli.BranchBarrier) error) error
}

type overHTTP struct{ l *lab }

func (overHTTP) name() string { return "http" }

func (h overHTTP) url(e engine, operation string) string {
	return h.l.httpBank + "/" + e.name() + "/" + operation
}

func (h overHTTP) saga(gid string, e engine, wait bool, orders map[int][]int, steps ...step) error {
	saga := dtmcli.NewSaga(h.l.to.HTTP, gid)
	for _, one := range steps {
		saga.Add(h.url(e, one.action), h.url(e, one.compensate), one.transfer)
	}
	if orders != nil {
		saga.SetConcurrent()
	}
	for branch, before := range orders {
		saga.AddBranchOrder(branch, before)
	}
	saga.WaitResult = wait
	saga.RetryInterval = 1
	saga.BranchHeaders = map[string]string{"x-sdk": "go"}
	return saga.Submit()
}

func (h overHTTP) tcc(gid string, call func(branch func(e engine, try string, t transfer) error) error) error {
	return dtmcli.TccGlobalTransaction(h.l.to.HTTP, gid, func(tcc *dtmcli.Tcc) (*resty.Response, error) {
		return nil, call(func(e engine, try string, t transfer) error {
			confirm, cancel := "confirm", "cancel"
			if try == "nested" {
				confirm, cancel = "nothing", "nothing"
			}
			_, err := tcc.CallBranch(t, h.url(e, try), h.url(e, confirm), h.url(e, cancel))
			return err
		})
	})
}

func (h overHTTP) xa(gid string, call func(branch func(e engine, t transfer) error) error) error {
	return dtmcli.XaGlobalTransaction(h.l.to.HTTP, gid, func(xa *dtmcli.Xa) (*resty.Response, error) {
		return nil, call(func(e engine, t transfer) error {
			_, err := xa.CallBranch(t, h.url(e, "xa"))
			return err
		})
	})
}

func (h overHTTP) msg(gid string, target string, t transfer) message {
	msg := dtmcli.NewMsg(h.l.to.HTTP, gid)
	msg.TimeoutToFail, msg.RetryInterval = 1, 1
	return msg.Add(target, t)
}

func (h overHTTP) subscribe(topic, target string) {
	response, err := http.Get(h.l.to.HTTP + "/subscribe?topic=" + topic + "&url=" + url.QueryEscape(target))
	must(err)
	response.Body.Close()
	check(response.StatusCode == 200, "subscribe answered %d", response.StatusCode)
}

type overGRPC struct{ l *lab }

func (overGRPC) name() string { return "grpc" }

func (g overGRPC) url(e engine, operation string) string {
	return g.l.grpcBank + "/" + e.name() + "_" + operation
}

func (g overGRPC) saga(gid string, e engine, wait bool, orders map[int][]int, steps ...step) error {
	saga := dtmgrpc.NewSagaGrpc(g.l.to.GRPC, gid, dtmgrpc.WithBranchHeaders(map[string]string{"x-sdk": "go"}))
	for _, one := range steps {
		saga.Add(g.url(e, one.action), g.url(e, one.compensate), wrapperspb.String(text(one.transfer)))
	}
	if orders != nil {
		saga.EnableConcurrent()
	}
	for branch, before := range orders {
		saga.AddBranchOrder(branch, before)
	}
	saga.WaitResult = wait
	saga.RetryInterval = 1
	return dtmgrpc.GrpcError2DtmError(saga.Submit())
}

func (g overGRPC) tcc(gid string, call func(branch func(e engine, try string, t transfer) error) error) error {
	return dtmgrpc.TccGlobalTransaction(g.l.to.GRPC, gid, func(tcc *dtmgrpc.TccGrpc) error {
		return call(func(e engine, try string, t transfer) error {
			confirm, cancel := "confirm", "cancel"
			if try == "nested" {
				confirm, cancel = "nothing", "nothing"
			}
			message, reply := wrapperspb.String(text(t)), &wrapperspb.StringValue{}
			return tcc.CallBranch(message, g.url(e, try), g.url(e, confirm), g.url(e, cancel), reply)
		})
	})
}

func (g overGRPC) xa(gid string, call func(branch func(e engine, t transfer) error) error) error {
	return dtmgrpc.XaGlobalTransaction(g.l.to.GRPC, gid, func(xa *dtmgrpc.XaGrpc) error {
		return call(func(e engine, t transfer) error {
			return xa.CallBranch(wrapperspb.String(text(t)), g.url(e, "xa"), &wrapperspb.StringValue{})
		})
	})
}

// grpcMessage gives the message of the gRPC SDK the shape of the other one.
type grpcMessage struct{ *dtmgrpc.MsgGrpc }

func (m grpcMessage) DoAndSubmit(queryPrepared string, do func(bb *dtmcli.BranchBarrier) error) error {
	return m.MsgGrpc.DoAndSubmit(queryPrepared, do)
}

func (g overGRPC) msg(gid string, target string, t transfer) message {
	msg := dtmgrpc.NewMsgGrpc(g.l.to.GRPC, gid)
	msg.TimeoutToFail, msg.RetryInterval = 1, 1
	return grpcMessage{msg.Add(target, wrapperspb.String(text(t)))}
}

func (g overGRPC) subscribe(topic, target string) {
	subscribeOverGRPC(g.l.to.GRPC, topic, target)
}

// inLocalTransaction is what the sender of a message does between prepare and submit.
func inLocalTransaction(e engine, account string, amount int) func(bb *dtmcli.BranchBarrier) error {
	return func(bb *dtmcli.BranchBarrier) error { return e.adjust(bb, account, amount) }
}

func isFailure(err error) bool { return errors.Is(err, dtmcli.ErrFailure) }
