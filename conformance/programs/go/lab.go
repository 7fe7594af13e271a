package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/dtm-labs/client/dtmcli/dtmimp"
	"google.golang.org/grpc"
)

type addresses struct{ HTTP, GRPC, Postgres, MariaDB, Redis string }

// lab is one run: the coordinator's addresses, the engines there are, and the bank as an HTTP and a gRPC service.
type lab struct {
	to       addresses
	engines  []engine
	httpBank string
	grpcBank string
	mutex    sync.Mutex
	calls    map[string]int
}

func openLab(to addresses) *lab {
	lab := &lab{to: to, calls: map[string]int{}}
	if to.MariaDB != "" {
		lab.engines = append(lab.engines, openSQL("mariadb", "mysql", to.MariaDB))
	}
	if to.Postgres != "" {
		lab.engines = append(lab.engines, openSQL("postgres", "postgres", to.Postgres))
	}
	if to.Redis != "" {
		lab.engines = append(lab.engines, openRedis(to.Redis))
	}
	overHTTP, overGRPC := listenAnywhere(), listenAnywhere()
	lab.httpBank = "http://" + overHTTP.Addr().String()
	lab.grpcBank = overGRPC.Addr().String() + "/bank.Bank"
	go func() { _ = http.Serve(overHTTP, lab.httpHandler()) }()
	server := grpc.NewServer()
	server.RegisterService(lab.grpcService(), struct{}{})
	go func() { _ = server.Serve(overGRPC) }()
	return lab
}

func listenAnywhere() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	return listener
}

// freeAddress is one that nothing listens on now, below the ports that systems lend to outgoing connections: one of these might be
// lent, even to a connection to itself, before the process that it is for listens.
func freeAddress() string {
	for {
		address := fmt.Sprintf("127.0.0.1:%d", 12_000+rand.Intn(20_000))
		if listener, err := net.Listen("tcp", address); err == nil {
			must(listener.Close())
			return address
		}
	}
}

// counted counts what was called for a gid.
func (l *lab) counted(gid, what string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.calls[gid+" "+what]++
}

func (l *lab) callsOf(gid, what string) int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.calls[gid+" "+what]
}

// settled waits for the final status.
func (l *lab) settled(gid string) string {
	return l.awaited(gid, func(status string) bool { return status == "succeed" || status == "failed" })
}

func (l *lab) awaited(gid string, isIt func(status string) bool) string {
	status := ""
	for until := time.Now().Add(60 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		response, err := http.Get(l.to.HTTP + "/query?gid=" + gid)
		must(err)
		text, err := io.ReadAll(response.Body)
		must(err)
		response.Body.Close()
		var body struct{ Transaction struct{ Status string } }
		must(json.Unmarshal(text, &body))
		status = body.Transaction.Status
		if isIt(status) {
			return status
		}
	}
	return status
}

func (l *lab) settles(gid, wanted string) {
	status := l.settled(gid)
	check(status == wanted, "%s is %s, not %s", gid, status, wanted)
}

// transfer is what branches are sent: an amount for an account, negative to take it away.
type transfer struct {
	Account string `json:"account"`
	Amount  int    `json:"amount"`
}

// accounts opens two: one with 100, one with 0.
func (l *lab) accounts(e engine, gid string) (from, to string) {
	from, to = gid+"-from", gid+"-to"
	e.open(from, 100)
	e.open(to, 0)
	return from, to
}

func balances(e engine, from, to string, wantedFrom, wantedTo int) {
	gotFrom, gotTo := e.balance(from), e.balance(to)
	check(gotFrom == wantedFrom && gotTo == wantedTo, "balances are %d and %d", gotFrom, gotTo)
}

func text(value interface{}) string { return dtmimp.MustMarshalString(value) }

var counter struct {
	sync.Mutex
	value int
}

// unique makes a name that no other run has used.
func unique(prefix string) string {
	counter.Lock()
	defer counter.Unlock()
	counter.value++
	return fmt.Sprintf("%s-%x-%d", prefix, time.Now().UnixNano(), counter.value)
}
