package evidence

import "slices"

// Mask lets hide rewrite every text of a run that somebody else wrote: paths, headers, bodies, errors, and what steps say. It
// is for whoever made the run, before he hands it on.
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
	for i := range r.Unmatched {
		each(&r.Unmatched[i].Body, &r.Unmatched[i].Error)
		headers(r.Unmatched[i].Headers)
	}
	for f := range r.Features {
		for s := range r.Features[f].Scenarios {
			sc := &r.Features[f].Scenarios[s]
			each(&sc.Reason, &sc.Timeline)
			for i := range sc.Earlier {
				each(&sc.Earlier[i])
			}
			for _, steps := range slices.Concat(sc.Before, [][]Step{sc.Steps}) {
				for i := range steps {
					each(&steps[i].Text, &steps[i].Argument, &steps[i].Error)
				}
			}
			for i := range sc.Exchanges {
				e := &sc.Exchanges[i]
				each(&e.Error, &e.Request.Path, &e.Request.Body, &e.Answer.Path, &e.Answer.Body)
				headers(e.Request.Headers)
				headers(e.Answer.Headers)
			}
			for i := range sc.Webhooks {
				each(&sc.Webhooks[i].Body, &sc.Webhooks[i].Error)
				headers(sc.Webhooks[i].Headers)
			}
		}
	}
}
