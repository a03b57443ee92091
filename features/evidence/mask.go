package evidence

// Mask lets hide rewrite every text of a run that others wrote: paths, headers, bodies, errors, and what steps say. It
// is for the team that made the run, before it hands the run on.
func (r *Run) Mask(hide func(string) string) {
	each := func(texts ...*string) {
		for _, text := range texts {
			*text = hide(*text)
		}
	}
	headers := func(all map[string]string) {
		for name, value := range all {
			all[name] = hide(value)
		}
	}
	steps := func(all []Step) {
		for i := range all {
			each(&all[i].Text, &all[i].Argument, &all[i].Error)
		}
	}
	webhooks := func(all []Webhook) {
		for i := range all {
			each(&all[i].Body, &all[i].Error)
			headers(all[i].Headers)
		}
	}
	webhooks(r.Unmatched)
	for _, s := range r.Scenarios() {
		each(&s.Reason, &s.Timeline)
		for i := range s.Earlier {
			each(&s.Earlier[i])
		}
		for _, before := range s.Before {
			steps(before)
		}
		steps(s.Steps)
		for i := range s.Exchanges {
			e := &s.Exchanges[i]
			each(&e.Error, &e.Request.Path, &e.Request.Body, &e.Answer.Path, &e.Answer.Body)
			headers(e.Request.Headers)
			headers(e.Answer.Headers)
		}
		webhooks(s.Webhooks)
	}
}
