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

  const follows = !leaving && !['decided', 'used', 'expired', 'failed', 'no-page'].includes(page.state);
  const sent = () => document.querySelector('form[data-sent]') !== null; // then the answer is on its way
  const look = async () => {
    draw();
    if (follows && !document.hidden && !sent()) {
      try {
        const answer = await fetch(`${page.page}/state`, { cache: 'no-store' });
        if (answer.ok) {
          const now = await answer.json();
          if (now.mark !== page.mark && !sent()) {
            location.replace(`${page.self}?done=1`);
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

  const digits = (text) => text.replace(/\D/g, '');
  const formats = {
    card: (text) => digits(text).slice(0, 19).replace(/(.{4})(?=.)/g, '$1 '),
    expiry: (text) => (/^\d{3,4}$/.test(text) ? `${text.slice(0, 2)}/${text.slice(2)}` : text),
  };
  document.querySelectorAll('[data-format]').forEach((el) => {
    el.addEventListener('change', () => { el.value = formats[el.dataset.format](el.value); });
  });
})();
