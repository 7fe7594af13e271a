package main

func xaCommits(l *lab, t transport, e engine) {
	gid := unique("xa")
	from, to := l.accounts(e, gid)
	must(t.xa(gid, func(branch func(e engine, t transfer) error) error {
		if err := branch(e, transfer{from, -30}); err != nil {
			return err
		}
		return branch(e, transfer{to, 30})
	}))
	l.settles(gid, "succeed")
	balances(e, from, to, 70, 30)
}

func xaRollsBack(l *lab, t transport, e engine) {
	gid := unique("xa")
	from, to := l.accounts(e, gid)
	err := t.xa(gid, func(branch func(e engine, t transfer) error) error {
		if err := branch(e, transfer{to, 300}); err != nil {
			return err
		}
		return branch(e, transfer{from, -300})
	})
	check(err != nil, "it succeeded")
	l.settles(gid, "failed")
	balances(e, from, to, 100, 0)
}
