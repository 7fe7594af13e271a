package main

func callOf(gid, op string) map[string]string {
	return map[string]string{"gid": gid, "trans_type": "saga", "branch_id": "01", "op": op}
}

// A branch that is called twice takes effect once, and so does its compensation.
func barrierTwice(l *lab, e engine) {
	gid := unique("barrier")
	from, to := l.accounts(e, gid)
	for _, one := range []struct {
		op, operation string
		left          int
	}{{"action", "adjust", 70}, {"action", "adjust", 70}, {"compensate", "undo", 100}, {"compensate", "undo", 100}} {
		status := l.post(e, one.operation, callOf(gid, one.op), transfer{from, -30})
		check(status == 200, "%s answered %d", one.op, status)
		balances(e, from, to, one.left, 0)
	}
}

// A compensation that comes before its action changes nothing, and its action changes nothing any more.
func barrierLate(l *lab, e engine) {
	gid := unique("barrier")
	from, to := l.accounts(e, gid)
	check(l.post(e, "undo", callOf(gid, "compensate"), transfer{from, -30}) == 200, "the empty compensation was refused")
	balances(e, from, to, 100, 0)
	l.post(e, "adjust", callOf(gid, "action"), transfer{from, -30})
	balances(e, from, to, 100, 0)
}
