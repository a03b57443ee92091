package control

import (
	"maps"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
)

// pspShown is a PSP configuration as it is answered.
type pspShown struct {
	PSP           string         `json:"psp"`
	Configuration map[string]any `json:"configuration"`
	Warnings      []string       `json:"warnings"`
}

func (s *server) showPSP(code string, psp backoffice.PSP, r *request) (pspShown, error) {
	fields, err := s.fields(code, psp, r.reveal())
	return pspShown{code, fields, psp.Warnings(code)}, err
}

func (s *server) listPSPs(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	list := []pspShown{}
	for _, code := range s.Reader.Cashier.PSPs() {
		psp, configured := c.PSPs[code]
		if !configured {
			continue
		}
		shown, err := s.showPSP(code, psp, r)
		if err != nil {
			return reply{}, err
		}
		list = append(list, shown)
	}
	return ok(map[string]any{"psps": list})
}

func (s *server) readPSP(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	return s.pspOf(c, r)
}

// pspOf answers with the configuration that the path names.
func (s *server) pspOf(c *backoffice.Company, r *request) (reply, error) {
	code := r.path["psp"]
	psp, configured := c.PSPs[code]
	if !configured {
		return reply{}, s.noPSP(c, code)
	}
	shown, err := s.showPSP(code, psp, r)
	if err != nil {
		return reply{}, err
	}
	return ok(shown)
}

func (s *server) noPSP(c *backoffice.Company, code string) error {
	if known := s.Reader.Cashier.PSPs(); !slices.Contains(known, code) {
		return notFound("there is no provider %s: known are %s", code, strings.Join(known, ", "))
	}
	return notFound("company %s has no configuration of %s", c.Name, code)
}

func (s *server) putPSP(r *request) (reply, error) {
	doc, err := r.body()
	if err != nil {
		return reply{}, err
	}
	code := r.path["psp"]
	changed, err := s.change(r, func(c backoffice.Company) (backoffice.Company, error) {
		if s.Reader.Cashier.ConfigurationOf(code) == "" {
			return c, s.noPSP(&c, code)
		}
		if problems := s.unmaskPSP("", code, doc.Fields, &c); problems != nil {
			return c, &openapi.Invalid{Problems: problems}
		}
		psp, err := s.Reader.PSP(code, openapi.Document{Fields: doc.Fields})
		if err != nil {
			return c, err
		}
		psps := map[string]backoffice.PSP{code: psp}
		for other, configuration := range c.PSPs {
			if other != code {
				psps[other] = configuration
			}
		}
		c.PSPs = psps
		return c, nil
	})
	if err != nil {
		return reply{}, err
	}
	return s.pspOf(changed, r)
}

func (s *server) deletePSP(r *request) (reply, error) {
	code := r.path["psp"]
	_, err := s.change(r, func(c backoffice.Company) (backoffice.Company, error) {
		if _, configured := c.PSPs[code]; !configured {
			return c, s.noPSP(&c, code)
		}
		c.PSPs = maps.Clone(c.PSPs)
		delete(c.PSPs, code)
		return c, nil
	})
	if err != nil {
		return reply{}, err
	}
	return ok(map[string]string{"deleted": code})
}
