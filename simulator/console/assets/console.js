// Keeps a page up to date: it follows the company's events, fetches the page again when one concerns it, and puts what has
// changed in its place. A page without this script is the same page, by reload.
'use strict';
(() => {
  const body = document.body;

  // Parts are replaced whole, but rows one by one; what somebody types into, or has opened, stays.
  const busy = part => {
    const at = document.activeElement;
    return at && part.contains(at) && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) ||
      [...part.querySelectorAll('textarea, input:not([type=hidden])')].some(f => f.value !== f.defaultValue);
  };
  const opened = part => new Map([...part.querySelectorAll('details[data-id]')].map(d => [d.dataset.id, d.open]));
  const replace = (old, fresh) => {
    if (old.innerHTML === fresh.innerHTML) return;
    const open = opened(old), focus = document.activeElement, id = focus && old.contains(focus) && focus.dataset.testid;
    const n = id ? [...old.querySelectorAll(`[data-testid="${CSS.escape(id)}"]`)].indexOf(focus) : -1;
    fresh.querySelectorAll('details[data-id]').forEach(d => { if (open.has(d.dataset.id)) d.open = open.get(d.dataset.id); });
    old.replaceChildren(...fresh.childNodes);
    if (n >= 0) old.querySelectorAll(`[data-testid="${CSS.escape(id)}"]`)[n]?.focus();
  };
  const rows = (old, fresh) => {
    const known = new Map([...old.children].map(r => [r.dataset.key, r]));
    const wanted = [...fresh.children].map(r => {
      const was = known.get(r.dataset.key);
      if (!was) r.classList.add('new');
      return was && was.isEqualNode(r) ? was : r;
    });
    if (wanted.length === old.children.length && wanted.every((r, i) => r === old.children[i])) return;
    const focus = document.activeElement, key = focus && old.contains(focus) && focus.closest('[data-key]')?.dataset.key;
    old.replaceChildren(...wanted);
    if (key) old.querySelector(`[data-key="${CSS.escape(key)}"] a`)?.focus();
    setTimeout(() => old.querySelectorAll('.new').forEach(r => r.classList.remove('new')), 1500);
  };
  const update = fresh => {
    document.querySelectorAll('[data-part]').forEach(part => {
      const next = fresh.getElementById(part.id);
      if (!next || busy(part)) return;
      const a = part.querySelector('[data-rows]'), b = next.querySelector('[data-rows]');
      if (a && b) rows(a, b); else replace(part, next);
    });
  };

  // At most one fetch at a time, and one each second while much happens.
  let wanted = false, fetching = false, last = 0;
  const refresh = async () => {
    wanted = true;
    if (fetching || document.hidden) return;
    fetching = true;
    while (wanted && !document.hidden) {
      const wait = Math.max(60, last + 1000 - performance.now());
      await new Promise(done => setTimeout(done, last ? wait : 60));
      wanted = false;
      last = performance.now();
      try {
        const answer = await fetch(page(), { headers: { Accept: 'text/html' } });
        if (answer.ok) update(new DOMParser().parseFromString(await answer.text(), 'text/html'));
      } catch { /* the next event tries again */ }
    }
    fetching = false;
  };
  // A page that a form drew has the form's address: what is fetched again is what a reload of its links would show.
  const page = () => {
    const at = new URL(location.href);
    at.searchParams.delete('done');
    const again = { '/inbox/program': '/inbox', '/clock/set': '/clock', '/clock/advance': '/clock' }[at.pathname];
    if (again) at.pathname = again;
    const payment = at.pathname.match(/^\/payments\/[^/]+/);
    if (payment) at.pathname = payment[0];
    if (body.dataset.follow !== 'all' && /^\/deliveries\/[^/]+\/(resend|cancel)$/.test(at.pathname)) at.pathname = '/payments/' + body.dataset.follow;
    return at;
  };

  const live = document.getElementById('live');
  const tell = (state, text) => { body.dataset.live = state; if (live) live.textContent = text; };
  if (body.dataset.events && window.EventSource) {
    tell('connecting', 'Connecting');
    const source = new EventSource(body.dataset.events);
    source.onopen = () => { tell('on', 'Live'); refresh(); }; // something may have happened before the connection stood
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) tell('off', 'Reload to see what is new'); else tell('connecting', 'Connecting again');
    };
    source.onmessage = e => {
      const follow = body.dataset.follow;
      if (follow === 'all' || JSON.parse(e.data).payment === follow) refresh();
    };
    document.addEventListener('visibilitychange', () => { if (!document.hidden && wanted) refresh(); });
    addEventListener('pagehide', () => source.close());
    addEventListener('pageshow', e => { if (e.persisted) location.reload(); });
  }

  document.querySelectorAll('[data-copy]').forEach(button => {
    button.hidden = false;
    const text = button.textContent;
    button.addEventListener('click', async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      try { await navigator.clipboard.writeText(field.value); button.textContent = 'Copied'; } catch { button.textContent = 'Selected: copy it by key'; }
      setTimeout(() => { button.textContent = text; }, 2000);
    });
  });
})();
