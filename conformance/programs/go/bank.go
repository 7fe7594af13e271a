package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/dtm-labs/client/dtmcli"
	"github.com/dtm-labs/client/dtmgrpc"
	"github.com/go-resty/resty/v2"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// call is a branch call as it reached the bank, over HTTP (query) or over gRPC (ctx).
type call struct {
	engine  engine
	barrier *dtmcli.BranchBarrier
	query   url.Values
	ctx     context.Context
	transfer
}

// operations of an engine: the last part of a path, and the name of a method behind the engine's.
var operations = map[string]func(l *lab, c call) error{
	"adjust":  func(_ *lab, c call) error { return c.engine.adjust(c.barrier, c.Account, c.Amount) },
	"undo":    func(_ *lab, c call) error { return c.engine.adjust(c.barrier, c.Account, -c.Amount) },
	"try":     func(_ *lab, c call) error { return c.engine.try(c.barrier, c.Account, c.Amount) },
	"confirm": func(_ *lab, c call) error { return c.engine.confirm(c.barrier, c.Account, c.Amount) },
	"cancel":  func(_ *lab, c call) error { return c.engine.cancel(c.barrier, c.Account, c.Amount) },
	"sent":    func(_ *lab, c call) error { return c.engine.queryPrepared(c.barrier) },
	"nested":  nested,
	"nothing": func(_ *lab, _ call) error { return nil },
	"xa":      xaBranch,
}

// nested is the try of a branch that has a branch of its own.
func nested(l *lab, c call) error {
	if c.query != nil {
		tcc, err := dtmcli.TccFromQuery(c.query)
		must(err)
		at := l.httpBank + "/" + c.engine.name()
		_, err = tcc.CallBranch(c.transfer, at+"/try", at+"/confirm", at+"/cancel")
		return err
	}
	tcc, err := dtmgrpc.TccFromGrpc(c.ctx)
	must(err)
	at := l.grpcBank + "/" + c.engine.name()
	return tcc.CallBranch(wrapperspb.String(text(c.transfer)), at+"_try", at+"_confirm", at+"_cancel", &wrapperspb.StringValue{})
}

func xaBranch(_ *lab, c call) error {
	conf := c.engine.(*sqlEngine).conf
	if c.query != nil {
		return dtmcli.XaLocalTransaction(c.query, conf, func(db *sql.DB, _ *dtmcli.Xa) error {
			return changeIn(db, c.Account, c.Amount, 0)
		})
	}
	return dtmgrpc.XaLocalTransaction(c.ctx, conf, func(db *sql.DB, _ *dtmgrpc.XaGrpc) error {
		return changeIn(db, c.Account, c.Amount, 0)
	})
}

func (l *lab) run(operation string, c call) (err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err, _ = caught.(error)
			if err == nil {
				err = errors.New("panic")
			}
		}
	}()
	l.counted(c.barrier.Gid, operation+" "+c.Account)
	return operations[operation](l, c)
}

func (l *lab) engine(name string) engine {
	for _, one := range l.engines {
		if one.name() == name {
			return one
		}
	}
	return nil
}

// httpHandler serves /ENGINE/OPERATION.
func (l *lab) httpHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(r.URL.Path, "/")
		barrier, err := dtmcli.BarrierFromQuery(r.URL.Query())
		if err == nil {
			c := call{engine: l.engine(parts[1]), barrier: barrier, query: r.URL.Query()}
			body, _ := io.ReadAll(r.Body)
			_ = json.Unmarshal(body, &c.transfer)
			err = l.run(parts[2], c)
		}
		var result interface{} = map[string]string{"dtm_result": "SUCCESS"}
		if err != nil {
			result = err
		}
		status, reply := dtmcli.Result2HttpJSON(result)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(reply)
	})
}

// grpcService serves /bank.Bank/ENGINE_OPERATION; a message is a StringValue with JSON in it.
func (l *lab) grpcService() *grpc.ServiceDesc {
	service := &grpc.ServiceDesc{ServiceName: "bank.Bank", HandlerType: (*interface{})(nil)}
	for _, e := range l.engines {
		for operation := range operations {
			service.Methods = append(service.Methods, l.grpcMethod(e, operation))
		}
	}
	return service
}

func (l *lab) grpcMethod(e engine, operation string) grpc.MethodDesc {
	handle := func(_ interface{}, ctx context.Context, read func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
		message := &wrapperspb.StringValue{}
		if err := read(message); err != nil {
			return nil, err
		}
		barrier, err := dtmgrpc.BarrierFromGrpc(ctx)
		if err != nil {
			return nil, err
		}
		c := call{engine: e, barrier: barrier, ctx: ctx}
		if message.Value != "" {
			must(json.Unmarshal([]byte(message.Value), &c.transfer))
		}
		return wrapperspb.String("done"), dtmgrpc.DtmError2GrpcError(l.run(operation, c))
	}
	return grpc.MethodDesc{MethodName: e.name() + "_" + operation, Handler: handle}
}

// post calls a branch of the bank as a coordinator would.
func (l *lab) post(e engine, operation string, query map[string]string, body transfer) int {
	response, err := resty.New().R().SetQueryParams(query).SetBody(body).Post(l.httpBank + "/" + e.name() + "/" + operation)
	must(err)
	return response.StatusCode()
}
