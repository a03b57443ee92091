package steps

import "strings"

// configurationSteps are about what the back office takes as a provider's configuration.
func configurationSteps() []Step {
	return []Step{
		{"the back office refuses a {psp} configuration with:", "The configuration is not saved with these fields, and stays as it was.",
			"Then the back office refuses a PAYONE configuration with:\n  | siteUrl | shop.example |", NeedsControl, configurationRefused},
	}
}

// configurationRefused changes a configuration in a way that must not be taken.
func configurationRefused(w *World, a Args) error {
	err := configurationHas(w, a)
	switch {
	case err == nil:
		return failed(nil, "the back office has taken the configuration, and was expected to refuse it")
	case strings.Contains(err.Error(), " 400 "), strings.Contains(err.Error(), " 422 "):
		return nil
	}
	return err
}
