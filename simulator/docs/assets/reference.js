'use strict';
// Starts Swagger UI on a page of /docs. Calls that are tried out go to data-try, which hands them on; what is shown as curl stays the
// call to the API itself.
(() => {
  const at = document.getElementById('swagger');
  const { document: url, try: base, token } = at.dataset;
  const headers = { 'Mozartosim-Form-Token': token };
  const call = (path, init) => fetch('/docs/try/admin' + path, { headers: { ...headers, 'Content-Type': 'application/json' }, ...init })
    .then((answer) => answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText)));

  // Without its tokens no call to the Cashier API would be accepted: those of the first company are filled in.
  async function authorize(ui) {
    const { companies } = await call('/v1/companies?limit=1');
    if (companies.length === 0) return;
    const tokens = await call('/v1/companies/' + companies[0].id + '/tokens', { method: 'POST', body: '{}' });
    ui.preauthorizeApiKey('company', tokens.company);
    ui.preauthorizeApiKey('user', 'Bearer ' + tokens.user);
  }

  // Says in words how each part of the vendor's API is known, where the document has marks.
  function inWords(node) {
    if (node === null || typeof node !== 'object') return node;
    const mark = node['x-provenance'];
    if (mark?.basis && base.endsWith('/cashier')) {
      const known = '*' + [mark.basis, mark.source, mark.note].filter(Boolean).join(': ') + '*';
      node.description = node.description ? node.description + '\n\n' + known : known;
    }
    for (const key of Object.keys(node)) {
      if (key.startsWith('x-')) delete node[key];
      else if (key !== 'example' && key !== 'examples' && key !== 'value') inWords(node[key]);
    }
    return node;
  }

  // The choice of servers has no name of its own.
  const named = new MutationObserver(() => {
    document.getElementById('servers')?.setAttribute('aria-label', 'Server');
    if (document.getElementById('servers')) named.disconnect();
  });
  named.observe(at, { childList: true, subtree: true });

  const start = (spec) => {
    const ui = SwaggerUIBundle({
      spec: inWords(spec), domNode: at, presets: [SwaggerUIBundle.presets.apis], layout: 'BaseLayout', deepLinking: true, docExpansion: 'list',
      defaultModelsExpandDepth: 0, defaultModelExpandDepth: 3, displayRequestDuration: true, filter: base.endsWith('/admin'),
      showMutatedRequest: false, tryItOutEnabled: false, validatorUrl: null,
      requestInterceptor(request) {
        const to = new URL(request.url, location.href);
        request.url = base + to.pathname + to.search;
        Object.assign(request.headers, headers);
        return request;
      },
      onComplete() {
        if (base.endsWith('/cashier')) authorize(ui).catch(() => {}); // the reference works without
      },
    });
  };

  fetch(url).then((answer) => answer.json()).then(start, () => { at.textContent = 'The document can not be read: reload the page.'; });
})();
