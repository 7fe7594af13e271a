package main

func sagaSucceeds(l *lab, t transport, e engine) {
	gid := unique("saga")
	from, to := l.accounts(e, gid)
	must(t.saga(gid, e, true, nil,
		step{"adjust", "undo", transfer{from, -30}},
		step{"adjust", "undo", transfer{to, 30}}))
	balances(e, from, to, 70, 30)
}

func sagaRollsBack(l *lab, t transport, e engine) {
	gid := unique("saga")
	from, to := l.accounts(e, gid)
	err := t.saga(gid, e, true, nil,
		step{"adjust", "undo", transfer{to, 300}},
		step{"adjust", "undo", transfer{from, -300}})
	check(err != nil, "it succeeded")
	l.settles(gid, "failed")
	// The Redis barrier of this SDK looks at the balance before it looks for the refused action.
	balances(e, from, to, 100, 0)
}

func sagaConcurrent(l *lab, t transport, e engine) {
	gid := unique("saga")
	from, to := l.accounts(e, gid)
	must(t.saga(gid, e, true, map[int][]int{2: {0, 1}},
		step{"adjust", "undo", transfer{to, 20}},
		step{"adjust", "undo", transfer{to, 10}},
		step{"adjust", "undo", transfer{from, -30}}))
	l.settles(gid, "succeed")
	balances(e, from, to, 70, 30)
}
