package main

func tccConfirms(l *lab, t transport, e engine) {
	gid := unique("tcc")
	from, to := l.accounts(e, gid)
	must(t.tcc(gid, func(branch func(e engine, try string, t transfer) error) error {
		if err := branch(e, "try", transfer{from, -30}); err != nil {
			return err
		}
		return branch(e, "nested", transfer{to, 30})
	}))
	l.settles(gid, "succeed")
	balances(e, from, to, 70, 30)
}

func tccCancels(l *lab, t transport, e engine) {
	gid := unique("tcc")
	from, to := l.accounts(e, gid)
	err := t.tcc(gid, func(branch func(e engine, try string, t transfer) error) error {
		if err := branch(e, "try", transfer{from, -30}); err != nil {
			return err
		}
		return branch(e, "nested", transfer{to, -1})
	})
	check(err != nil, "it succeeded")
	l.settles(gid, "failed")
	balances(e, from, to, 100, 0)
}
