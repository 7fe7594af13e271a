package main

import (
	"context"
	"fmt"
	"time"

	"github.com/dtm-labs/client/dtmcli"
	"github.com/dtm-labs/client/dtmgrpc/dtmgimp"
	"github.com/dtm-labs/client/dtmgrpc/dtmgpb"
)

func msgSucceeds(l *lab, t transport, e engine) {
	gid := unique("msg")
	from, to := l.accounts(e, gid)
	msg := t.msg(gid, t.url(e, "adjust"), transfer{to, 30})
	must(msg.DoAndSubmit(t.url(e, "sent"), inLocalTransaction(e, from, -30)))
	l.settles(gid, "succeed")
	balances(e, from, to, 70, 30)
}

func msgFails(l *lab, t transport, e engine) {
	gid := unique("msg")
	from, to := l.accounts(e, gid)
	msg := t.msg(gid, t.url(e, "adjust"), transfer{to, 300})
	err := msg.DoAndSubmit(t.url(e, "sent"), inLocalTransaction(e, from, -300))
	check(isFailure(err), "the local failure came back as %v", err)
	l.settles(gid, "failed")
	balances(e, from, to, 100, 0)
}

// The sender is gone after its local commit: the back-check finds the barrier's row, and the message goes out. It commits before it
// prepares, so that no back-check comes earlier, however slow the machine.
func msgLostAfterCommit(l *lab, t transport, e engine) {
	gid := unique("msg")
	from, to := l.accounts(e, gid)
	barrier, err := dtmcli.BarrierFrom("msg", gid, "00", "msg")
	must(err)
	must(inLocalTransaction(e, from, -30)(barrier))
	must(t.msg(gid, t.url(e, "adjust"), transfer{to, 30}).Prepare(t.url(e, "sent")))
	l.settles(gid, "succeed")
	balances(e, from, to, 70, 30)
}

// The sender is gone before its local commit: the back-check says no, and a commit that comes later is refused.
func msgLostBeforeCommit(l *lab, t transport, e engine) {
	gid := unique("msg")
	from, to := l.accounts(e, gid)
	must(t.msg(gid, t.url(e, "adjust"), transfer{to, 30}).Prepare(t.url(e, "sent")))
	l.settles(gid, "failed")
	barrier, err := dtmcli.BarrierFrom("msg", gid, "00", "msg")
	must(err)
	check(inLocalTransaction(e, from, -30)(barrier) != nil, "a late local transaction was not refused")
	balances(e, from, to, 100, 0)
}

func msgTopic(l *lab, t transport, e engine) {
	gid, topic := unique("msg"), unique("topic")
	from, to := l.accounts(e, gid)
	if t.name() == "grpc" {
		// An HTTP receiver of a gRPC message gets the message's own bytes, which are not JSON.
		t.subscribe(topic, overHTTP{l}.url(e, "nothing"))
		t.subscribe(topic, t.url(e, "adjust"))
	} else {
		t.subscribe(topic, t.url(e, "adjust"))
		t.subscribe(topic, t.url(e, "adjust")+"?second=true")
	}
	var err error
	for until := time.Now().Add(60 * time.Second); time.Now().Before(until); time.Sleep(200 * time.Millisecond) {
		if err = t.msg(gid, "topic://"+topic, transfer{to, 15}).Submit(); err == nil {
			break
		}
	}
	must(err)
	l.settles(gid, "succeed")
	if t.name() == "grpc" {
		check(l.callsOf(gid, "nothing ") == 1, "the HTTP receiver was called %d times", l.callsOf(gid, "nothing "))
		balances(e, from, to, 100, 15)
	} else {
		balances(e, from, to, 100, 30)
	}
}

func subscribeOverGRPC(server, topic, target string) {
	client := dtmgimp.MustGetDtmClient(server)
	_, err := client.Subscribe(context.Background(), &dtmgpb.DtmTopicRequest{Topic: topic, URL: target, Remark: "sdk"})
	if err != nil {
		panic(fmt.Sprintf("subscribe: %v", err))
	}
}
