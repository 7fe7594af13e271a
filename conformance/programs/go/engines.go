package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strconv"

	"github.com/dtm-labs/client/dtmcli"
	"github.com/go-redis/redis/v8"
	_ "github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq"
)

const barrierSeconds = 3600

// engine is a participant's database with its accounts behind the SDK's barrier.
type engine interface {
	name() string
	open(account string, balance int)
	balance(account string) int
	// adjust adds an amount; one that would overdraw is refused as a failure.
	adjust(barrier *dtmcli.BranchBarrier, account string, amount int) error
	// try holds an amount back, confirm takes what was held, cancel gives it back.
	try(barrier *dtmcli.BranchBarrier, account string, amount int) error
	confirm(barrier *dtmcli.BranchBarrier, account string, amount int) error
	cancel(barrier *dtmcli.BranchBarrier, account string, amount int) error
	// doAndSubmit adjusts an account and submits the message in one go.
	queryPrepared(barrier *dtmcli.BranchBarrier) error
}

type sqlEngine struct {
	title string
	db    *sql.DB
	conf  dtmcli.DBConf
}

func openSQL(title, driver, address string) *sqlEngine {
	at, err := url.Parse(address)
	must(err)
	port, err := strconv.ParseInt(at.Port(), 10, 64)
	must(err)
	password, _ := at.User.Password()
	conf := dtmcli.DBConf{
		Driver: driver, Host: at.Hostname(), Port: port, User: at.User.Username(), Password: password,
		Db: at.Path[1:], Schema: "public",
	}
	dsn := address
	if driver == "mysql" {
		// Found, not changed: an update to the same values is no refusal.
		dsn = fmt.Sprintf("%s:%s@tcp(%s)/%s?clientFoundRows=true", conf.User, conf.Password, at.Host, conf.Db)
	} else {
		dsn += "?sslmode=disable"
	}
	db, err := sql.Open(driver, dsn)
	must(err)
	db.SetMaxOpenConns(20)
	for _, statement := range tables[driver] {
		_, err := db.Exec(statement)
		must(err)
	}
	return &sqlEngine{title, db, conf}
}

// DTM's barrier table as its SDKs expect it, and accounts.
var tables = map[string][]string{
	"mysql": {
		"create database if not exists dtm_barrier",
		`create table if not exists dtm_barrier.barrier (
			id bigint auto_increment primary key, trans_type varchar(45) default '', gid varchar(128) default '',
			branch_id varchar(128) default '', op varchar(45) default '', barrier_id varchar(45) default '',
			reason varchar(45) default '', create_time datetime default now(), update_time datetime default now(),
			unique key (gid, branch_id, op, barrier_id)) engine = innodb`,
		`create table if not exists sdk_account (
			name varchar(128) primary key, balance bigint not null, frozen bigint not null default 0) engine = innodb`,
	},
	// One statement, and so one transaction: two programs that both make what is not there are refused, unless one waits.
	"postgres": {`select pg_advisory_xact_lock(36789);
		create schema if not exists dtm_barrier;
		create table if not exists dtm_barrier.barrier (
			id bigserial primary key, trans_type varchar(45) default '', gid varchar(128) default '',
			branch_id varchar(128) default '', op varchar(45) default '', barrier_id varchar(45) default '',
			reason varchar(45) default '', create_time timestamptz default now(), update_time timestamptz default now(),
			constraint uniq_barrier unique (gid, branch_id, op, barrier_id));
		create table if not exists sdk_account (
			name varchar(128) primary key, balance bigint not null, frozen bigint not null default 0)`,
	},
}

func (e *sqlEngine) name() string { return e.title }

func (e *sqlEngine) open(account string, balance int) {
	_, err := e.db.Exec(fmt.Sprintf("insert into sdk_account(name, balance) values ('%s', %d)", account, balance))
	must(err)
}

func (e *sqlEngine) balance(account string) (balance int) {
	query := fmt.Sprintf("select balance from sdk_account where name = '%s' and frozen = 0", account)
	must(e.db.QueryRow(query).Scan(&balance))
	return balance
}

func (e *sqlEngine) state(account string) (balance, frozen int) {
	query := fmt.Sprintf("select balance, frozen from sdk_account where name = '%s'", account)
	must(e.db.QueryRow(query).Scan(&balance, &frozen))
	return balance, frozen
}

// change updates an account unless it would overdraw.
func (e *sqlEngine) change(barrier *dtmcli.BranchBarrier, account string, balance, frozen int) error {
	barrier.DBType = e.conf.Driver
	return barrier.CallWithDB(e.db, func(tx *sql.Tx) error { return changeIn(tx, account, balance, frozen) })
}

func changeIn(db interface {
	Exec(string, ...interface{}) (sql.Result, error)
}, account string, balance, frozen int) error {
	result, err := db.Exec(fmt.Sprintf(
		"update sdk_account set balance = balance + %d, frozen = frozen + %d where name = '%s' and balance + %d >= 0",
		balance, frozen, account, balance))
	if err != nil {
		return err
	}
	if rows, err := result.RowsAffected(); err != nil || rows > 0 {
		return err
	}
	return fmt.Errorf("no balance in %s. %w", account, dtmcli.ErrFailure)
}

func (e *sqlEngine) adjust(barrier *dtmcli.BranchBarrier, account string, amount int) error {
	return e.change(barrier, account, amount, 0)
}

// A try of an amount that is added changes nothing before the confirm.
func (e *sqlEngine) try(barrier *dtmcli.BranchBarrier, account string, amount int) error {
	return e.change(barrier, account, min(amount, 0), max(-amount, 0))
}

func (e *sqlEngine) confirm(barrier *dtmcli.BranchBarrier, account string, amount int) error {
	return e.change(barrier, account, max(amount, 0), min(amount, 0))
}

func (e *sqlEngine) cancel(barrier *dtmcli.BranchBarrier, account string, amount int) error {
	return e.change(barrier, account, max(-amount, 0), min(amount, 0))
}

func (e *sqlEngine) queryPrepared(barrier *dtmcli.BranchBarrier) error {
	barrier.DBType = e.conf.Driver
	return barrier.QueryPrepared(e.db)
}

type redisEngine struct{ client *redis.Client }

func openRedis(address string) *redisEngine {
	options, err := redis.ParseURL(address)
	must(err)
	return &redisEngine{redis.NewClient(options)}
}

func (e *redisEngine) name() string { return "redis" }

func (e *redisEngine) open(account string, balance int) {
	must(e.client.Set(context.Background(), account, balance, 0).Err())
}

func (e *redisEngine) balance(account string) int {
	value, err := e.client.Get(context.Background(), account).Int()
	must(err)
	return value
}

func (e *redisEngine) adjust(barrier *dtmcli.BranchBarrier, account string, amount int) error {
	return barrier.RedisCheckAdjustAmount(e.client, account, amount, barrierSeconds)
}

func (e *redisEngine) try(barrier *dtmcli.BranchBarrier, account string, amount int) error {
	return e.adjust(barrier, account, min(amount, 0))
}

func (e *redisEngine) confirm(barrier *dtmcli.BranchBarrier, account string, amount int) error {
	return e.adjust(barrier, account, max(amount, 0))
}

func (e *redisEngine) cancel(barrier *dtmcli.BranchBarrier, account string, amount int) error {
	return e.adjust(barrier, account, max(-amount, 0))
}

func (e *redisEngine) queryPrepared(barrier *dtmcli.BranchBarrier) error {
	return barrier.RedisQueryPrepared(e.client, barrierSeconds)
}
