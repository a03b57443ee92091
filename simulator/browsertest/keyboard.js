// The walk by Tab key: what should be reached, and what is. `begin` notes how everything looks without focus and listens,
// `end` says what was wrong. Both run in the page.
(() => {
  const tabbable = 'a[href],area[href],button,input:not([type=hidden]),select,textarea,summary,iframe,audio[controls],video[controls],[contenteditable=""],[contenteditable=true],[tabindex]';
  const where = e => e.dataset?.testid ? `[data-testid=${e.dataset.testid}]` : e.tagName.toLowerCase() + (e.id ? '#' + e.id : e.name ? `[name=${e.name}]` : ` “${e.textContent.trim().slice(0, 30)}”`);
  const stops = () => [...document.querySelectorAll(tabbable)].filter(e => {
    if (e.disabled || e.closest('fieldset:disabled') || e.closest('[inert]') || e.tabIndex < 0 || !e.checkVisibility({visibilityProperty: true})) return false;
    if (e.matches('summary') && e.parentElement?.firstElementChild !== e) return false;
    return true;
  });
  // A group of radio buttons is one stop.
  const group = e => e.matches('input[type=radio]') && e.name ? `${e.form?.id ?? ''}/${e.name}` : e;
  const features = ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'backgroundColor', 'borderTopColor', 'borderTopWidth', 'borderBottomColor', 'textDecorationLine', 'color'];
  const around = e => [e, ...(e.labels ?? []), e.parentElement, e.nextElementSibling].filter(Boolean);
  const looks = e => around(e).map(n => { const s = getComputedStyle(n); return features.map(f => s[f]).join('|'); }).join('\n');

  const expected = stops(), plain = new Map(), visited = [], faults = [];
  const fault = (rule, e, what) => faults.push({Rule: rule, Where: where(e), What: what});
  // Transitions would show a focus style only after a while.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*, ::before, ::after { transition: none !important; }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  // The walk begins at the page's top, wherever somebody has clicked before.
  document.body.tabIndex = -1;
  document.body.focus({preventScroll: true});
  document.body.removeAttribute('tabindex');
  for (const e of expected) plain.set(e, looks(e));

  const onFocus = event => {
    const e = event.target;
    if (!(e instanceof Element)) return;
    visited.push(e);
    if (visited.filter(v => v === e).length > 1 || !plain.has(e)) return;
    const s = getComputedStyle(e);
    const outlined = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 && !/, 0\)$|transparent/.test(s.outlineColor);
    if (!outlined && looks(e) === plain.get(e)) fault('focus', e, 'it looks the same with the keyboard’s focus as without');
    const r = e.getClientRects()[0] ?? e.getBoundingClientRect();
    const x = r.x + Math.min(r.width / 2, 200), y = r.y + Math.min(r.height / 2, innerHeight / 2);
    const hit = document.elementFromPoint(Math.min(Math.max(x, 0), innerWidth - 1), Math.min(Math.max(y, 0), innerHeight - 1));
    const label = e.labels?.[0];
    if (r.width > 1 && hit && !e.contains(hit) && !(label && (label.contains(hit) || hit.contains(label)))) {
      fault('covered', e, 'with the focus on it, it is covered by ' + where(hit));
    }
  };
  document.addEventListener('focusin', onFocus, true);

  for (const e of expected) if (e.tabIndex > 0) fault('order', e, 'a positive tabindex puts it out of the page’s order');
  for (const e of document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary')) {
    const roving = e.closest('[role=tablist],[role=listbox],[role=menu],[role=toolbar],[role=radiogroup],[role=grid]');
    if (e.tabIndex < 0 && !e.disabled && !roving && e.checkVisibility({visibilityProperty: true})) fault('keyboard', e, 'it is taken out of Tab’s way');
  }
  for (const e of expected) for (let n = e; n !== document.body && n; n = n.parentElement) {
    const s = getComputedStyle(n), box = getComputedStyle(n.parentElement ?? n);
    const arranged = /flex|grid/.test(box.display);
    if (arranged && (s.order !== '0' || box.flexDirection.endsWith('reverse'))) { fault('order', e, 'the style shows it elsewhere than where Tab comes'); break; }
  }

  const groups = new Set(expected.map(group));
  window.__keyboard = {
    end() {
      document.removeEventListener('focusin', onFocus, true);
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter(s => s !== sheet);
      delete window.__keyboard;
      const reached = new Set(visited.map(group));
      const missed = expected.filter(e => e.isConnected && !reached.has(group(e)));
      for (const e of missed) fault('keyboard', e, 'Tab never comes here');
      // After the last stop the focus leaves the page, or begins anew.
      const again = visited[groups.size];
      if (!missed.length && again && again !== visited[0]) fault('trap', again, 'Tab goes round here and never leaves');
      if (missed.length && visited.length && visited.length <= groups.size && document.activeElement === visited.at(-1)) fault('trap', visited.at(-1), 'Tab stays here');
      for (let i = 1; i < Math.min(visited.length, groups.size); i++) {
        const [before, e] = [visited[i - 1], visited[i]];
        if (before.tabIndex === 0 && e.tabIndex === 0 && group(before) !== group(e) && before.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING) {
          fault('order', e, `Tab comes here after ${where(before)}, which the page has later`);
        }
      }
      return faults;
    },
  };
  return groups.size;
})()
