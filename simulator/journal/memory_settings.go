package journal

import "context"

// memorySettings are the settings of a Memory's companies, and their locks.
type memorySettings struct {
	logs     *companyLogs
	settings settingStore
}

// PutSetting implements Journal.
func (m *memorySettings) PutSetting(_ context.Context, n Setting) (rev uint64, err error) {
	if rev, err = m.settings.put(n); err != nil {
		return 0, err
	}
	m.tell(n.Company)
	return rev, nil
}

// tell wakes those who wait for changes of a company; "" is of what belongs to none.
func (m *memorySettings) tell(company string) {
	if company == "" {
		m.settings.tell()
	} else if s, err := m.logs.locked(company, false); err == nil && s != nil {
		s.notify()
		s.mu.Unlock()
	}
}

// Settings implements Journal.
func (m *memorySettings) Settings(_ context.Context, q SettingQuery) ([]Setting, error) {
	return m.settings.find(q)
}

// Lock implements Journal.
func (m *memorySettings) Lock(ctx context.Context, company string) (unlock func(), err error) {
	return m.settings.take(ctx, company)
}

// Elsewhere implements Journal: there is no other process.
func (m *memorySettings) Elsewhere(func(company string)) {}

// Shared implements Journal: a Memory belongs to its process.
func (m *memorySettings) Shared() bool { return false }
