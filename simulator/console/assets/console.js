// Keeps a page up to date: follows the company's events, fetches the page again when one changes it, and replaces what is
// different. Without this script a page is updated by reloading it.
'use strict';
(() => {
  const body = document.body;
  body.dataset.script = '';

  // Parts are replaced whole, but table rows one by one. A part that somebody types into or presses is left alone, and what
  // was opened stays open.
  const typedInto = field => field.matches('select')
    ? field.selectedIndex !== Math.max(0, [...field.options].findIndex(o => o.defaultSelected))
    : field.value !== field.defaultValue;
  const inUse = part => {
    const focused = document.activeElement;
    return focused && part.contains(focused) && focused.matches('input, textarea, select') || part.querySelector(':active') ||
      [...part.querySelectorAll('textarea, select, input:not([type=hidden])')].some(typedInto);
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
  const replaceRows = (old, fresh) => {
    const known = new Map([...old.children].map(r => [r.dataset.key, r]));
    const wanted = [...fresh.children].map(r => {
      const before = known.get(r.dataset.key);
      if (!before) r.classList.add('new');
      return before && before.isEqualNode(r) ? before : r;
    });
    if (wanted.length === old.children.length && wanted.every((r, i) => r === old.children[i])) return;
    const focus = document.activeElement, key = focus && old.contains(focus) && focus.closest('[data-key]')?.dataset.key;
    old.replaceChildren(...wanted);
    if (key) old.querySelector(`[data-key="${CSS.escape(key)}"] a`)?.focus();
    setTimeout(() => old.querySelectorAll('.new').forEach(r => r.classList.remove('new')), 1500);
  };
  const update = (fresh, whole) => {
    document.querySelectorAll('[data-part]').forEach(part => {
      const next = fresh.getElementById(part.id);
      if (!next || inUse(part)) return;
      const rows = part.querySelector('[data-rows]'), nextRows = next.querySelector('[data-rows]');
      if (rows && nextRows && !whole) replaceRows(rows, nextRows); else replace(part, next);
    });
  };

  // At most one fetch at a time, and at most one a second while many events arrive.
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
        const answer = await fetch(pageAddress(), { headers: { Accept: 'text/html' } });
        if (answer.ok) update(new DOMParser().parseFromString(await answer.text(), 'text/html'));
      } catch { /* the next event tries again */ }
    }
    fetching = false;
  };
  // A page that answers a form has the form's address; this is the address of the page itself.
  const pageAddress = () => {
    const at = new URL(location.href);
    at.searchParams.delete('done');
    const page = { '/inbox/replies': '/inbox', '/clock/set': '/clock', '/clock/advance': '/clock' }[at.pathname];
    if (page) at.pathname = page;
    const payment = at.pathname.match(/^\/payments\/[^/]+/);
    if (payment) at.pathname = payment[0];
    if (body.dataset.follow !== 'all' && /^\/deliveries\/[^/]+\/(resend|cancel)$/.test(at.pathname)) at.pathname = '/payments/' + body.dataset.follow;
    return at;
  };

  const live = document.getElementById('live');
  const show = (state, text) => { body.dataset.live = state; if (live) live.textContent = text; };
  if (body.dataset.events && window.EventSource) {
    show('connecting', 'Connecting');
    const source = new EventSource(body.dataset.events);
    source.onopen = () => { show('on', 'Live'); refresh(); }; // something may have happened before the connection was open
    source.onerror = () => source.readyState === EventSource.CLOSED ? show('off', 'Not live') : show('connecting', 'Connecting');
    source.onmessage = e => {
      const follow = body.dataset.follow;
      if (follow === 'all' || JSON.parse(e.data).payment === follow) refresh();
    };
    document.addEventListener('visibilitychange', () => { if (!document.hidden && wanted) refresh(); });
    addEventListener('pagehide', () => source.close());
    addEventListener('pageshow', e => { if (e.persisted) location.reload(); });
  }

  // Menus close when something else is pressed, when the focus leaves them and they cover something, and by Escape.
  const menus = () => [...document.querySelectorAll('details.menu[open]')];
  document.addEventListener('focusout', e => menus().forEach(menu => { if (e.relatedTarget && menu.contains(e.target) && !menu.contains(e.relatedTarget) && getComputedStyle(menu.lastElementChild).position === 'absolute') menu.open = false; }));
  document.addEventListener('click', e => menus().forEach(menu => { if (!menu.contains(e.target)) menu.open = false; }));
  document.addEventListener('keydown', e => {
    if (e.key === 'Escape') menus().forEach(menu => { menu.open = false; if (menu.contains(document.activeElement)) menu.querySelector('summary').focus(); });
  });

  // Lists by keys, and the chosen row's page beside a list that has room for it.
  const rows = () => [...document.querySelectorAll('[data-rows] > [data-key]')];
  const handle = row => row.querySelector('a:not([data-testid="payment-link"])') ?? row.querySelector('a, summary');
  const preview = async row => {
    const beside = document.getElementById(row.parentElement.dataset.preview);
    if (!beside || !matchMedia('(min-width: 66rem)').matches || row.classList.contains('chosen')) return;
    rows().forEach(r => r.classList.toggle('chosen', r === row));
    try {
      const answer = await fetch(handle(row).href, { headers: { Accept: 'text/html' } });
      if (!answer.ok || !row.classList.contains('chosen')) return;
      const main = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
      main.querySelectorAll('[id]').forEach(e => { if (document.getElementById(e.id)) e.removeAttribute('id'); });
      main.querySelectorAll('label[for]').forEach(l => { if (!main.querySelector('#' + CSS.escape(l.htmlFor))) l.removeAttribute('for'); });
      const title = document.createElement('h2');
      title.append(...main.querySelector('h1').childNodes);
      main.querySelector('h1').replaceWith(title);
      beside.replaceChildren(...main.childNodes);
      beside.hidden = false;
    } catch { /* the row's link still leads there */ }
  };
  document.addEventListener('click', e => {
    const row = e.target.closest('[data-preview] > [data-key]');
    if (row && !e.target.closest('a, button')) preview(row);
  });
  let lastKey;
  document.addEventListener('keydown', e => {
    const going = lastKey === 'g';
    lastKey = e.key;
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, textarea, select')) return;
    const all = rows(), at = all.findIndex(r => r.contains(document.activeElement));
    if ((e.key === 'j' || e.key === 'k') && all.length) {
      const row = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + (e.key === 'j' ? 1 : -1)))];
      handle(row).focus();
      if (handle(row).matches('summary')) row.querySelector('details').open = true;
      preview(row);
    } else if (e.key === '/') document.getElementById('q')?.focus();
    else if (going) document.querySelector(`[data-go="${CSS.escape(e.key)}"]`)?.click();
    else if (e.key === '?') document.getElementById('keys')?.togglePopover();
    else return;
    e.preventDefault();
  });

  // Where the inbox's chosen webhook stands beside the list, a click chooses and never closes.
  document.addEventListener('click', e => {
    if (e.target.closest('.received [open] > summary') && matchMedia('(min-width: 66rem)').matches) e.preventDefault();
  });

  const previewFirst = () => {
    const first = document.querySelector('[data-preview] > [data-key]');
    if (first) preview(first);
  };
  previewFirst();

  // Filters apply as they change; the address has them. On a phone all but the search is folded.
  document.querySelectorAll('[data-filters]').forEach(form => {
    const apply = async () => {
      const at = new URL(form.action);
      new FormData(form).forEach((value, name) => value && at.searchParams.set(name, value));
      if (at.href === location.href) return;
      history.replaceState(null, '', at);
      const answer = await fetch(at, { headers: { Accept: 'text/html' } }).catch(() => null);
      if (!answer?.ok || document.querySelector('.error')) return location.reload();
      document.querySelectorAll('.preview').forEach(p => { p.hidden = true; });
      update(new DOMParser().parseFromString(await answer.text(), 'text/html'), true);
      previewFirst();
    };
    form.addEventListener('change', apply);
    form.addEventListener('submit', e => { e.preventDefault(); apply(); });
    if (matchMedia('(max-width: 52rem)').matches) form.querySelectorAll('.filters').forEach(fold => { fold.open = false; });
  });

  // What an address points at is opened.
  const openTarget = () => {
    const target = document.getElementById(location.hash.slice(1)), fold = target?.matches('details') ? target : target?.querySelector('details:not(.menu)');
    if (fold && target.matches('.step, .attempts > li, details')) fold.open = true;
  };
  addEventListener('hashchange', openTarget);
  openTarget();

  document.querySelectorAll('select[data-submit]').forEach(select => select.addEventListener('change', () => select.form.submit()));

  // Editors number their lines, and mark those that are wrong.
  document.querySelectorAll('.editor > textarea').forEach(text => {
    const lines = document.createElement('pre'), wrong = (text.parentElement.dataset.wrong ?? '').split(' ');
    lines.setAttribute('aria-hidden', 'true');
    const number = () => lines.replaceChildren(...text.value.split('\n').map((_, i) => {
      const line = document.createElement(wrong.includes(String(i + 1)) ? 'b' : 'span');
      line.textContent = i + 1 + '\n';
      return line;
    }));
    text.before(lines);
    text.wrap = 'off';
    text.addEventListener('input', number);
    text.addEventListener('scroll', () => { lines.scrollTop = text.scrollTop; });
    number();
  });

  // A button makes a secret that nobody can guess.
  document.addEventListener('click', e => {
    const field = document.getElementById(e.target.closest('[data-generate]')?.dataset.generate);
    if (!field) return;
    field.value = [...crypto.getRandomValues(new Uint8Array(24))].map(b => b.toString(16).padStart(2, '0')).join('');
    field.focus();
  });

  // A button copies what it names, or what stands before it.
  document.addEventListener('click', async e => {
    const button = e.target.closest('[data-copy]');
    if (!button || button.dataset.was) return;
    const from = document.getElementById(button.dataset.copy) ?? button.previousElementSibling;
    button.dataset.was = button.textContent;
    from.select ? from.select() : getSelection().selectAllChildren(from);
    try { await navigator.clipboard.writeText(from.value ?? from.textContent); button.textContent = 'Copied'; } catch { button.textContent = 'Selected: press Ctrl+C'; }
    setTimeout(() => { button.textContent = button.dataset.was; delete button.dataset.was; }, 2000);
  });
})();
