// What the accessibility tree doesn't tell: language, labels, contrast, what can be reached and read. Returns faults as
// [{Rule, Where, What}]. It changes nothing in the page.
(() => {
  const faults = [];
  const where = e => {
    if (e.dataset?.testid) return `[data-testid=${e.dataset.testid}]`;
    const parts = [];
    for (let n = e; n && n !== document.documentElement && parts.length < 4; n = n.parentElement) {
      if (n !== e && n.dataset.testid) { parts.unshift(`[data-testid=${n.dataset.testid}]`); break; }
      const peers = n.parentElement ? [...n.parentElement.children].filter(p => p.tagName === n.tagName) : [n];
      parts.unshift(n.tagName.toLowerCase() + (n.id ? '#' + n.id : peers.length > 1 ? `:nth-of-type(${peers.indexOf(n) + 1})` : ''));
    }
    return parts.join(' > ');
  };
  const fault = (rule, e, what) => faults.push({Rule: rule, Where: e ? where(e) : 'page', What: what});
  const shown = e => e.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // The page itself.
  if (!/^[a-z]{2,3}(-|$)/.test(document.documentElement.lang)) fault('language', null, 'html has no lang, so a screen reader guesses how to say it');
  if (!document.title.trim()) fault('title', null, 'the page has no title');
  if (!document.querySelector('meta[name=viewport]')) fault('viewport', null, 'no meta viewport: a phone shows it tiny');
  if (/user-scalable\s*=\s*no|maximum-scale\s*=\s*1\b/.test(document.querySelector('meta[name=viewport]')?.content ?? '')) fault('viewport', null, 'zooming is forbidden');
  if (all('main').filter(shown).length !== 1) fault('main', null, `${all('main').filter(shown).length} main elements instead of one`);

  // Ids and what points at them.
  const ids = new Map();
  for (const e of all('[id]')) ids.has(e.id) ? fault('id', e, `id ${e.id} is there twice`) : ids.set(e.id, e);
  for (const name of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-errormessage', 'list', 'form']) {
    for (const e of all(`[${name}]`)) for (const id of e.getAttribute(name).split(/\s+/).filter(Boolean)) {
      if (!ids.has(id)) fault('id', e, `${name} points at #${id}, which is not there`);
    }
  }
  for (const e of all('label')) if (shown(e) && !e.control) fault('label', e, 'the label is tied to no field: ' + e.textContent.trim());

  // Names: whoever speaks a control's text reaches it, and landmarks of one kind are told apart.
  const nameOf = e => e.getAttribute('aria-label') ?? (e.getAttribute('aria-labelledby') ?? '').split(/\s+/).map(id => ids.get(id)?.textContent ?? '').join(' ');
  const spoken = text => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
  for (const e of all('a[href],button,summary').filter(shown)) {
    const name = spoken(nameOf(e)), text = spoken(e.innerText ?? e.textContent);
    if (name && !name.includes(text)) fault('spoken', e, `its name “${name}” lacks the text that it shows, “${text}”`);
  }
  const landmarks = new Map();
  for (const e of all('nav,aside,search,section,form,[role=region],[role=search],[role=navigation]').filter(shown)) {
    const name = spoken(nameOf(e)), role = e.getAttribute('role') ?? e.localName.replace('section', 'region');
    if (!name && !['nav', 'aside'].includes(role)) continue; // it is no landmark without a name
    const key = `${role} “${name}”`;
    landmarks.has(key) ? fault('landmark', e, `another ${key} is on the page`) : landmarks.set(key, e);
  }

  // What is read out of any landmark can't be jumped to, and what scrolls must be reached by keys.
  const places = 'header,nav,main,footer,aside,section[aria-label],section[aria-labelledby],.skip,[role=region],[role=search],[role=dialog],[role=banner],[role=status],[role=alert]';
  for (const e of all('body *').filter(e => !e.matches('script,style') && !e.closest(places) && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))) {
    if (shown(e)) fault('region', e, 'it lies in no landmark');
  }
  for (const e of all('body *')) {
    const style = getComputedStyle(e);
    const moves = /auto|scroll/.test(style.overflowY) && e.scrollHeight > e.clientHeight + 14 || /auto|scroll/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 14;
    if (moves && shown(e) && e.tabIndex < 0 && !e.querySelector('a[href],button,input,select,textarea,summary,[tabindex="0"]')) fault('scrollable', e, 'it scrolls, but keys do not reach it');
  }

  // What only looks like a control.
  const control = 'a[href],button,input,select,textarea,summary,label,option,[role=button],[role=link],[role=tab],[role=menuitem]';
  for (const e of all('[onclick]')) if (!e.matches(control)) fault('control', e, 'it can be clicked but is no control');
  for (const e of all('body *')) {
    if (e.closest(control) || e.parentElement && getComputedStyle(e.parentElement).cursor === 'pointer') continue;
    if (getComputedStyle(e).cursor === 'pointer' && shown(e)) fault('control', e, 'it looks as if it could be clicked but is no control');
  }

  // Pictures that the accessibility tree may not even show.
  for (const e of all('svg')) {
    const hidden = e.closest('[aria-hidden=true],[role=presentation],[role=none]');
    const named = ['img', 'group'].includes(e.getAttribute('role')) && (e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.querySelector(':scope > title'));
    if (shown(e) && !hidden && !named) fault('image', e, 'the drawing has no name and is not hidden from screen readers');
  }

  // Tables.
  for (const e of all('table')) if (shown(e) && !e.matches('[role=presentation]') && !e.querySelector('th')) fault('table', e, 'the table has no header cells');

  // Size: of the page, and of what is pressed with a thumb.
  const wide = document.scrollingElement;
  if (wide.scrollWidth > wide.clientWidth) {
    const widest = all('body *').filter(shown).map(e => [e.getBoundingClientRect().right, e])
      .filter(([right, e]) => right > wide.clientWidth + 0.5 && !scrolls(e)).sort((a, b) => b[0] - a[0])[0];
    fault('width', widest?.[1], `the page is ${wide.scrollWidth}px wide in a window of ${wide.clientWidth}px`);
  }
  function scrolls(e) {
    for (let n = e.parentElement; n && n !== document.body; n = n.parentElement) {
      if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(n).overflowX)) return true;
    }
    return false;
  }
  for (const e of all('a[href],button,input:not([type=hidden]),select,textarea,summary').filter(shown)) {
    const inText = e.matches('a') && getComputedStyle(e).display === 'inline';
    const r = e.getBoundingClientRect(), label = e.labels?.[0]?.getBoundingClientRect();
    const height = Math.max(r.height, label?.contains?.(e) ? label.height : 0);
    if (!inText && !(e.matches('[type=radio],[type=checkbox]') && label) && (r.width < 24 || height < 24) && r.width > 1) {
      fault('target', e, `${Math.round(r.width)}×${Math.round(r.height)}px is too small to press: 24×24 at least`);
    }
    if (r.right < 0 || r.bottom + scrollY < 0) {
      if (!e.matches('[data-testid=skip],.skip')) fault('target', e, 'it lies outside the page');
    }
  }
  for (const e of all('h1,h2,h3,button,a[href],th,td,dd,dt,label,option').filter(shown)) {
    const s = getComputedStyle(e);
    if (s.overflowX === 'hidden' && s.textOverflow !== 'ellipsis' && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1) fault('cut', e, 'its text is cut off: ' + e.textContent.trim().slice(0, 60));
  }

  // Contrast. Colours may be written in any of CSS's ways, so a canvas translates them.
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const known = new Map();
  const rgba = text => {
    if (!known.has(text)) {
      const plain = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(text);
      if (plain) known.set(text, [+plain[1], +plain[2], +plain[3], plain[4] === undefined ? 1 : +plain[4]]);
      else {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        known.set(text, [r, g, b, a / 255]);
      }
    }
    return known.get(text);
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (x + 0.05) / (y + 0.05);
  };
  // The colours that may lie behind an element: more than one where a gradient does.
  const behind = e => {
    const layers = [];
    for (let n = e; n; n = n.parentElement) {
      const s = getComputedStyle(n);
      const stops = s.backgroundImage.includes('gradient(') ? [...s.backgroundImage.matchAll(/(?:rgba?|color|oklch|oklab|hsla?|lab|lch)\([^()]*\)/g)].map(m => rgba(m[0])) : [];
      if (stops.length) layers.push(stops);
      const colour = rgba(s.backgroundColor);
      if (colour[3] > 0) layers.push([colour]);
      if ((stops.length ? stops : [colour]).every(c => c[3] === 1)) break;
    }
    const canvasColour = rgba(getComputedStyle(document.documentElement).colorScheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(18, 18, 18)' : 'rgb(255, 255, 255)');
    return layers.reverse().reduce((below, stops) => below.flatMap(b => stops.map(s => over(s, b))), [canvasColour]);
  };
  const opacity = e => { let o = 1; for (let n = e; n; n = n.parentElement) o *= +getComputedStyle(n).opacity; return o; };
  const judged = new Set();
  const judge = (e, style, text) => {
    const size = parseFloat(style.fontSize), bold = +style.fontWeight >= 700;
    const need = size >= 24 || bold && size >= 18.66 ? 3 : 4.5;
    const colour = rgba(style.webkitTextFillColor || style.color), alpha = colour[3] * opacity(e);
    const worst = Math.min(...behind(e).map(b => ratio(over([...colour.slice(0, 3), alpha], b), b)));
    const key = `${where(e)} ${style.color}`;
    if (worst < need && !judged.has(key)) {
      judged.add(key);
      fault('contrast', e, `${worst.toFixed(2)} instead of ${need}: ${style.color} on ${behind(e).map(c => `rgb(${c.slice(0, 3).map(Math.round)})`)} “${text.trim().slice(0, 40)}”`);
    }
  };
  const disabled = e => e.closest(':disabled,[aria-disabled=true]') || e.closest('label')?.control?.disabled;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement;
    if (!n.data.trim() || e.closest('script,style,noscript,template,title,option,select,textarea') || !shown(e) || disabled(e)) continue;
    const box = document.createRange();
    box.selectNodeContents(n);
    const r = box.getBoundingClientRect();
    if (r.width < 2 || r.height < 2) continue; // for screen readers only
    const style = getComputedStyle(e);
    if (e.closest('svg')) continue;
    judge(e, style, n.data);
  }
  for (const e of all('input:not([type=hidden],[type=radio],[type=checkbox],[type=range],[type=color]),select,textarea').filter(e => shown(e) && !disabled(e))) {
    judge(e, getComputedStyle(e), e.value || e.name);
    if (e.placeholder) judge(e, getComputedStyle(e, '::placeholder'), e.placeholder);
  }
  return faults;
})()
