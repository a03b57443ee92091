// What a hosted page does beyond HTML: it counts down on the company's clock, follows what happens elsewhere, and prevents a
// second click. Everything works without it.
(() => {
  'use strict';
  const page = document.body.dataset;
  const open = performance.now();
  const times = Array.from(document.querySelectorAll('[data-until]'), (el) => ({
    el, until: Date.parse(el.dataset.until), now: Date.parse(el.dataset.now), factor: Number(el.dataset.factor), at: open,
  }));

  const words = (ms) => {
    const s = Math.max(0, Math.ceil(ms / 1000));
    const two = (n) => String(n).padStart(2, '0');
    const minutes = Math.floor(s / 60);
    return s >= 3600 ? `${Math.floor(s / 3600)}:${two(minutes % 60)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
  };

  const draw = () => {
    for (const t of times) {
      const text = words(t.until - t.now - (performance.now() - t.at) * t.factor);
      if (t.el.textContent !== text) t.el.textContent = text;
    }
  };

  // A page that leaves by itself says so in data-refresh: seconds;url=where.
  let leaving = false;
  if (page.refresh && (page.state === 'decided' || page.state === 'used')) {
    const [seconds, where] = page.refresh.split(';url=');
    leaving = true;
    setTimeout(() => location.replace(where), Number(seconds) * 1000);
  }

  const over = ['decided', 'used', 'expired'].includes(page.state); // then the webhook is followed
  const follows = !leaving && !['failed', 'no-page', 'shop', 'paid', 'unpaid', 'foreign'].includes(page.state);
  const sent = () => document.querySelector('form[data-sent]') !== null; // then the answer is on its way
  const look = async () => {
    draw();
    if (follows && !document.hidden && !sent()) {
      try {
        const answer = await fetch(`${page.page}/state`, { cache: 'no-store' });
        if (answer.ok) {
          const now = await answer.json();
          if (now.mark !== page.mark && !sent()) {
            if (over) location.reload(); else location.replace(`${page.self}?done=1`);
            return;
          }
          for (const t of times) Object.assign(t, { now: Date.parse(now.now), factor: now.factor, at: performance.now() });
        }
      } catch {
        // The simulator is gone or being restarted; it is asked again.
      }
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = 'yes';
    setTimeout(() => form.querySelectorAll('button').forEach((b) => { b.disabled = true; }), 0);
  });
  window.addEventListener('pageshow', () => document.querySelectorAll('form').forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll('button').forEach((b) => { b.disabled = false; });
  }));

  // Inputs take their form as one types, the caret staying after the digit that it was after.
  const digits = (text) => text.replace(/\D/g, '');
  const amex = (number) => /^3[47]/.test(number);
  const brands = [[/^3[47]/, 'Amex'], [/^4/, 'Visa'], [/^(50|5[6-9]|6)/, 'Maestro'], [/^(5|2[2-7])/, 'Mastercard']];
  const groups = (text) => {
    const d = digits(text).slice(0, 19);
    return (amex(d) ? [d.slice(0, 4), d.slice(4, 10), d.slice(10)] : d.match(/.{1,4}/g) || []).filter((g) => g).join(' ');
  };
  const expiry = (text) => {
    let d = digits(text).slice(0, 6);
    if (/^[2-9]/.test(d)) d = `0${d}`;
    return d.length > 2 || /^\d\d ?\/$/.test(text) ? `${d.slice(0, 2)}/${d.slice(2)}` : d;
  };
  const formats = { card: groups, expiry, cvv: (text) => digits(text).slice(0, 4) };
  const format = (el) => {
    const caret = digits(el.value.slice(0, el.selectionStart)).length;
    const atEnd = el.selectionStart === el.value.length;
    const text = formats[el.dataset.format](el.value);
    if (text !== el.value) {
      el.value = text;
      let at = 0;
      for (let seen = 0; seen < caret && at < text.length; at += 1) if (/\d/.test(text[at])) seen += 1;
      if (!atEnd) el.setSelectionRange(at, at);
    }
    if (el.dataset.format !== 'card') return;
    const brand = (brands.find(([begins]) => begins.test(digits(text))) || ['', ''])[1];
    const mark = el.parentElement.querySelector('.brandmark');
    mark.dataset.brand = brand;
    mark.querySelector('text').textContent = brand === 'Mastercard' ? 'MC' : brand;
  };
  document.querySelectorAll('[data-format]').forEach((el) => {
    el.addEventListener('input', (event) => { if (!(event.inputType || '').startsWith('delete')) format(el); });
    el.addEventListener('change', () => format(el));
  });

  // The name on the card stays in this tab when the form comes back with an error; nothing else of a card does.
  const name = document.querySelector('[data-card] [name=name]');
  if (name) {
    if (!name.value && document.querySelector('[data-card] [aria-invalid]')) name.value = sessionStorage.getItem('name') || '';
    name.form.addEventListener('submit', () => sessionStorage.setItem('name', name.value));
  }

  // The shop offers what can happen with the chosen provider.
  const psp = document.getElementById('psp'), what = document.getElementById('what');
  const offer = () => {
    const grants = psp.selectedOptions[0].dataset.grants.split(' ');
    for (const option of what.options) option.hidden = option.disabled = !grants.includes(option.value);
    if (what.selectedOptions[0].disabled) what.value = grants[0];
  };
  if (what) {
    psp.addEventListener('change', offer);
    if (!what.matches('[aria-invalid]')) offer();
  }

  document.querySelectorAll('[data-fill]').forEach((button) => {
    const field = document.getElementById(button.dataset.fill);
    button.hidden = false;
    button.addEventListener('click', () => {
      field.value = button.dataset.value;
      field.focus();
    });
  });

  document.querySelectorAll('[data-copy]').forEach((button) => {
    const says = button.textContent;
    button.hidden = !navigator.clipboard; // a browser has none where the page came by http from another machine
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = says; }, 2000);
    });
  });
})();
