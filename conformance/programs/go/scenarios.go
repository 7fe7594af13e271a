package main

import "fmt"

type scenario struct {
	name string
	run  func()
}

// scenariosOf names each scenario TYPE/WHAT/TRANSPORT/ENGINE.
func scenariosOf(l *lab) (all []scenario) {
	for _, e := range l.engines {
		e := e
		onBoth := func(name string, run func(l *lab, t transport, e engine)) {
			for _, t := range []transport{overHTTP{l}, overGRPC{l}} {
				t := t
				all = append(all, scenario{fmt.Sprintf("%s/%s/%s", name, t.name(), e.name()), func() { run(l, t, e) }})
			}
		}
		onBoth("saga/succeeds", sagaSucceeds)
		onBoth("saga/rolls-back", sagaRollsBack)
		onBoth("saga/concurrent", sagaConcurrent)
		onBoth("tcc/confirms-nested", tccConfirms)
		onBoth("tcc/cancels-nested", tccCancels)
		onBoth("msg/do-and-submit", msgSucceeds)
		onBoth("msg/local-failure", msgFails)
		onBoth("msg/sender-lost-after-commit", msgLostAfterCommit)
		onBoth("msg/sender-lost-before-commit", msgLostBeforeCommit)
		onBoth("msg/topic", msgTopic)
		if _, isSQL := e.(*sqlEngine); isSQL {
			onBoth("xa/commits", xaCommits)
			onBoth("xa/rolls-back", xaRollsBack)
			onBoth("workflow/mixed", workflowSucceeds)
			onBoth("workflow/rolls-back", workflowRollsBack)
			onBoth("workflow/crash-and-resume", workflowResumes)
		}
		all = append(all,
			scenario{"barrier/twice/" + e.name(), func() { barrierTwice(l, e) }},
			scenario{"barrier/late/" + e.name(), func() { barrierLate(l, e) }})
	}
	return all
}
