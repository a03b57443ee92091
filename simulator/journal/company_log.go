package journal

import (
	"cmp"
	"hash/maphash"
	"maps"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/google/btree"
)

// companyLog is one company's part; its lock is the only one that the hot path takes for writing.
type companyLog struct {
	mu         sync.Mutex
	gone       bool    // forgotten: a caller that waited for the lock asks for the log again
	total      *totals // of all companies
	ordinal    uint64
	seq        uint64
	began      uint64
	streams    map[string]*stream
	ordered    []*stream // by ordinal; dropped ones stay as gaps until they are many
	blooms     []bloom   // of their labels
	seed       maphash.Seed
	oldest     int // no stream before this place in ordered is still here
	gaps       int
	done       *btree.BTreeG[*stream] // final streams without jobs, in the order in which they became so
	finals     uint64                 // how many did
	entries    int
	bytes      int
	dropped    uint64
	due        jobQueue
	marks      []feedMark // where the entries stand, in the order of their seq
	compressor compressor
}

// stream is kept packed, so that a hundred thousand of them are little work for the garbage collector.
type stream struct {
	streamJobs
	company string
	ordinal uint64
	place   int // in its log's ordered
	length  int
	labels  []byte // packed
	packed  packed // its entries
	keys    []string
	recent  bool // see compressor
	gone    bool

	final uint64 // its place in done; 0 = it isn't there
}

// What a stream and a job take beside their texts, with their places in maps and lists.
const (
	streamRoom = 520
	jobRoom    = 200
)

// size is about how many bytes the stream takes in memory.
func (st *stream) size() int {
	size := streamRoom + len(st.labels) + len(st.packed.text)
	for _, it := range st.due {
		size += jobRoom + len(it.has.name) + len(it.has.data)
	}
	return size
}

// resized counts what has become of a stream that was of another size before.
func (s *companyLog) resized(st *stream, before int) {
	s.grow(st.size() - before)
}

// grow counts bytes of streams, and those that dictionaries have grown by.
func (s *companyLog) grow(bytes int) {
	bytes += s.compressor.grown
	s.compressor.grown = 0
	s.bytes += bytes
	s.total.add(0, bytes)
}

// finish says whether a stream is final and without jobs from now on. One that was so already keeps its place.
func (s *companyLog) finish(st *stream, final bool) {
	switch {
	case final && st.final == 0:
		s.finals++
		st.final = s.finals
		s.done.ReplaceOrInsert(st)
	case !final && st.final > 0:
		s.done.Delete(st)
		st.final = 0
	}
}

func (st *stream) head() Stream {
	return Stream{Company: st.company, ID: st.id, Ordinal: st.ordinal, Length: st.length, Labels: unpackLabels(st.labels)}
}

func newCompanyLog(total *totals) *companyLog {
	done := btree.NewG(32, func(a, b *stream) bool {
		return cmp.Or(cmp.Compare(a.final, b.final), cmp.Compare(a.ordinal, b.ordinal)) < 0
	})
	return &companyLog{total: total, streams: map[string]*stream{}, seed: maphash.MakeSeed(), due: newJobQueue(), done: done}
}

// fill puts a copy into a log that is empty. The caller holds the lock.
func (s *companyLog) fill(company string, from Source, keys *keyIndex) error {
	err := from.Read(Visitor{
		Counters: func(n Counters) error {
			s.ordinal, s.began, s.seq = n.Ordinal, n.Began, n.Seq
			return nil
		},
		Stream: func(from StreamCopy) error {
			st := s.put(company, from)
			if st.final = uint64(max(0, from.Final)); st.final > 0 {
				s.done.ReplaceOrInsert(st)
				s.finals = max(s.finals, st.final)
			}
			return keys.claim(st, from.Keys)
		},
		Job: func(d Job) error {
			st := s.streams[d.Stream]
			before := st.size()
			s.due.add(&st.streamJobs, d)
			s.resized(st, before)
			return nil
		},
	})
	slices.SortFunc(s.marks, func(a, b feedMark) int { return cmp.Compare(a.first, b.first) })
	return err
}

// put adds a stream of a copy, without its keys.
func (s *companyLog) put(company string, from StreamCopy) *stream {
	st := &stream{company: company, streamJobs: streamJobs{id: from.ID}, ordinal: from.Ordinal, length: len(from.Entries)}
	for _, e := range from.Entries {
		s.marks = append(s.marks, feedMark{first: e.Seq, st: st, at: s.compressor.touch(st, e.Seq-1, []Entry{e}), n: 1})
	}
	s.enter(st)
	if from.Labels != nil {
		s.label(st, from.Labels)
	}
	s.entries += st.length
	s.total.add(1, 0)
	s.resized(st, 0)
	s.compressOld()
	return st
}

// enter gives a new stream its place.
func (s *companyLog) enter(st *stream) {
	s.streams[st.id] = st
	st.place, s.ordered, s.blooms = len(s.ordered), append(s.ordered, st), append(s.blooms, bloom{})
}

func (s *companyLog) label(st *stream, labels Labels) {
	st.labels = packLabels(labels)
	s.blooms[st.place] = bloomOf(s.seed, st.labels, "")
}

// end takes the log away from its company. The caller holds the lock.
func (s *companyLog) end(keys *keyIndex) {
	s.gone = true
	s.total.add(-len(s.streams), -s.bytes)
	keys.release(slices.Collect(maps.Values(s.streams))...)
}

// jobsOf returns the jobs of a stream, nil when there is no such stream.
func (s *companyLog) jobsOf(id string) *streamJobs {
	if st := s.streams[id]; st != nil {
		return &st.streamJobs
	}
	return nil
}

func (s *companyLog) add(st *stream, a Append) {
	before := 0
	if st.ordinal > 0 {
		before = st.size()
	} else {
		s.began++
		st.ordinal = s.began
		s.enter(st)
		s.total.add(1, 0)
	}
	if len(a.Entries) > 0 {
		s.marks = append(s.marks, feedMark{first: s.seq + 1, st: st, at: s.compressor.touch(st, s.seq, a.Entries), n: uint32(len(a.Entries))})
	}
	st.length += len(a.Entries)
	s.seq += uint64(len(a.Entries))
	s.entries += len(a.Entries)
	if a.Labels != nil {
		s.label(st, a.Labels)
	}
	for _, d := range a.Done {
		s.due.remove(&st.streamJobs, d.ID)
	}
	for _, id := range a.Completed {
		s.due.remove(&st.streamJobs, id)
	}
	if st.due == nil {
		st.due = make([]*item, 0, len(a.Jobs))
	}
	for _, d := range a.Jobs {
		s.due.add(&st.streamJobs, d)
	}
	s.resized(st, before)
	s.finish(st, a.Final && len(st.due) == 0)
	s.compressOld()
}

// compressOld compresses the streams whose time it is. To compress takes 64 KiB of a stack, which every connection's would grow by: it
// is done on one of its own.
func (s *companyLog) compressOld() {
	if !s.compressor.full() {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for st := s.compressor.next(); st != nil; st = s.compressor.next() {
			before := st.size()
			st.packed = s.compressor.compress(st.packed.text)
			s.resized(st, before)
		}
	}()
	<-done
}

// dropOver drops streams for as long as a limit is exceeded, but not the newest, which somebody is about to be answered about.
// The caller holds the lock.
func (s *companyLog) dropOver(over func() string, newest *stream, keys *keyIndex) (dropped Drop) {
	for limit := over(); limit != ""; limit = over() {
		victim := s.victim(newest)
		if victim == nil {
			return dropped
		}
		dropped.Company, dropped.Limit = victim.company, limit
		dropped.Payments++
		dropped.Jobs += len(victim.due)
		s.drop(victim, keys)
	}
	return dropped
}

// victim is the stream that is dropped first; nil when there is none but the newest.
func (s *companyLog) victim(newest *stream) (victim *stream) {
	s.done.Ascend(func(st *stream) bool {
		if st != newest {
			victim = st
		}
		return victim == nil
	})
	if victim != nil {
		return victim
	}
	for s.oldest < len(s.ordered) && s.ordered[s.oldest].gone {
		s.oldest++
	}
	for _, st := range s.ordered[s.oldest:] {
		if !st.gone && st != newest {
			return st
		}
	}
	return nil
}

func (s *companyLog) drop(victim *stream, keys *keyIndex) {
	victim.gone = true
	s.finish(victim, false)
	s.total.add(-1, 0)
	s.compressor.drop(victim)
	s.grow(-victim.size())
	s.due.removeAll(&victim.streamJobs)
	delete(s.streams, victim.id)
	keys.release(victim)
	s.entries -= victim.length
	s.dropped++
	victim.packed, victim.labels, victim.keys = packed{}, nil, nil
	if s.gaps++; s.gaps > len(s.ordered)/2+64 {
		s.ordered = slices.DeleteFunc(s.ordered, func(st *stream) bool { return st.gone })
		for i, st := range s.ordered { // no place is before its new one
			st.place, s.blooms[i] = i, s.blooms[st.place]
		}
		s.blooms = s.blooms[:len(s.ordered)]
		s.marks = slices.DeleteFunc(s.marks, func(k feedMark) bool { return k.st.gone })
		s.gaps, s.oldest = 0, 0
	}
}

// atOnce is how many streams are looked at before the company's other callers have their turn.
const atOnce = 4096

// list adds to what was found, of the next so many streams; left is where to go on, 0 when there is nothing more to find. The
// caller holds the lock.
func (s *companyLog) list(found []Stream, q Query) (all []Stream, left uint64) {
	wanted := bloomOf(s.seed, packLabels(q.Labels), q.Having)
	i := len(s.ordered)
	if q.Before > 0 {
		i = sort.Search(len(s.ordered), func(i int) bool { return s.ordered[i].ordinal >= q.Before })
	}
	for end := max(0, i-atOnce); i > end; {
		i--
		if !s.blooms[i].has(wanted) {
			continue
		}
		if st := s.ordered[i]; !st.gone && q.matches(st.labels) {
			if found = append(found, st.head()); len(found) == q.Limit {
				return found, 0
			}
		}
	}
	if i == 0 {
		return found, 0
	}
	return found, s.ordered[i].ordinal
}

// view is a stream as it is at one moment: what is appended later is not seen.
type view struct {
	id            string
	ordinal       uint64
	length, final int
	labels        []byte
	packed        packed
	keys          []string
}

// view looks at the log. The caller holds the lock.
func (s *companyLog) view() (n Counters, streams []view, jobs []Job) {
	done := make(map[*stream]int, s.done.Len())
	s.done.Ascend(func(st *stream) bool {
		done[st] = len(done) + 1
		return true
	})
	streams = make([]view, 0, len(s.streams))
	for _, st := range s.ordered {
		if !st.gone {
			streams = append(streams, view{st.id, st.ordinal, st.length, done[st], st.labels, st.packed, st.keys})
		}
	}
	return Counters{s.ordinal, s.began, s.seq}, streams, s.due.all()
}

func (v view) copied() StreamCopy {
	return StreamCopy{
		ID: v.id, Ordinal: v.ordinal, Labels: unpackLabels(v.labels), Keys: slices.Clone(v.keys), Final: v.final,
		Entries: v.packed.entries(v.length),
	}
}

// addTo adds what there is to a total.
func (s *companyLog) addTo(total *Stats, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due.lapse(now)
	total.Streams += len(s.streams)
	total.Entries += s.entries
	total.Bytes += s.bytes
	total.Dropped += s.dropped
	total.Jobs += s.due.size()
	total.Claimed += len(s.due.claimed)
	total.Done += s.due.seq - uint64(s.due.size())
}
